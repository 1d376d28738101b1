#!/usr/bin/env bash
# Asks a stock kubectl again what it makes of the folders in tests/kustomize, and writes its answers behind them:
#   tests/kustomize.sh KUBECTL     (1.37.1; tests/real_kubectl.sh fetches one)
set -euo pipefail
kubectl=$(realpath "$1")
cd "$(dirname "$0")/kustomize"

for case in *.txt; do
  folder=$(realpath "$(mktemp -d)")
  # The files of a case stand before the first command, each behind its path.
  awk -v root="$folder" '
    /^\$ / { exit }
    /^--> / { file = root "/" $2; dir = file; sub("/[^/]*$", "", dir); system("mkdir -p \"" dir "\""); printf "" > file; next }
    file { print > file }' "$case"
  find "$folder" -name '*.base64' | while read -r file; do
    base64 -d "$file" > "${file%.base64}"
    rm "$file"
  done
  {
    awk '/^\$ / { exit } { print }' "$case"
    grep '^\$ ' "$case" | while read -r _ words; do
      code=0
      # shellcheck disable=SC2086 # words are words
      (cd "$folder" && HOME=$folder "$kubectl" $words > out 2> err < /dev/null) || code=$?
      echo "\$ $words"
      echo "= $code"
      cat "$folder/out"
      # Paths lead from where the command was typed; where Go's generators lie in memory is by chance; a byte that is no text is
      # shown as a reader of text shows it.
      LC_ALL=C sed -e "s#$folder/##g; s#$folder#.#g; s/&{0x[0-9a-f]*/\&{0x0/; s/\xff/\xef\xbf\xbd/g; s/^/! /" "$folder/err"
    done
  } > "$folder/case"
  mv "$folder/case" "$case"
  rm -r "$folder"
done
