#!/usr/bin/env bash
# croniter 7.0.0, cronsim 2.8 (PyPI), croner 11.0.1, cron-parser 5.10.6 (npm): whether `*/1` is a star.
#
# A schedule joins its day of month and its day of week by "or", unless one of them is a star. Guess: `*/1` is every day, so
# `0 0 */1 * 1` means what `0 0 * * 1` means: each Monday (as it does in robfig/cron, which Kubernetes' CronJob uses).
# Seen: croniter, croner and cron-parser take `*/1` for a choice of days and run every night; cronsim runs on Mondays.
# Who tests a CronJob's schedule with one of the three sees seven runs a week where the cluster has one.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check croniter==7.0.0 cronsim==2.8
(cd "$work" && npm init --yes > init.log && npm install --silent croner@11.0.1 cron-parser@5.10.6)
cat > "$work/days.py" <<'P'
from datetime import datetime, timezone
from croniter import croniter
from cronsim import CronSim
start = datetime(2026, 3, 1, 12, 0)
for schedule in ("0 0 * * 1", "0 0 */1 * 1"):
    runs = croniter(schedule, start)
    print("croniter   ", schedule, *(runs.get_next(datetime).day for _ in range(4)))
    runs = CronSim(schedule, start)
    print("cronsim    ", schedule, *(next(runs).day for _ in range(4)))
P
cat > "$work/days.mjs" <<'J'
import { Cron } from "croner";
import { CronExpressionParser } from "cron-parser";
const start = new Date("2026-03-01T12:00:00Z");
for (const schedule of ["0 0 * * 1", "0 0 */1 * 1"]) {
  const days = new Cron(schedule, { timezone: "UTC" }).nextRuns(4, start).map((day) => day.getUTCDate());
  console.log("croner     ", schedule, ...days);
  const runs = CronExpressionParser.parse(schedule, { currentDate: start, tz: "UTC" });
  console.log("cron-parser", schedule, ...[1, 2, 3, 4].map(() => runs.next().toDate().getUTCDate()));
}
J
{ "$work/venv/bin/python" "$work/days.py"; node "$work/days.mjs"; } | sort | tee "$work/seen"
diff "$work/seen" - <<'S'
cron-parser 0 0 * * 1 2 9 16 23
cron-parser 0 0 */1 * 1 2 3 4 5
croner      0 0 * * 1 2 9 16 23
croner      0 0 */1 * 1 2 3 4 5
croniter    0 0 * * 1 2 9 16 23
croniter    0 0 */1 * 1 2 3 4 5
cronsim     0 0 * * 1 2 9 16 23
cronsim     0 0 */1 * 1 2 9 16 23
S
