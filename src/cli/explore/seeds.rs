//! `explore --seeds`: seeds side by side.

use crate::api::Version;
use crate::cli::out::safe;
use crate::cli::parallel;
use crate::cli::scenarios::Loaded;
use crate::cli::waiting::LongWaits;
use crate::cluster::Fresh;
use crate::error::Error;
use crate::explore::{Endings, Explorer, Shard};

/// Which seeds are drawn.
#[derive(Clone, Copy)]
pub(super) struct Drawn {
    /// How many there are.
    pub(super) seeds: u64,
    /// Those of them that are drawn here.
    pub(super) shard: Shard,
    /// How many at a time, if that was said.
    pub(super) threads: Option<u16>,
}

impl Drawn {
    /// What comes of them in one release; it is the same however many go at once.
    pub(super) fn count(self, loaded: &Loaded, version: Version, fresh: &Fresh) -> Result<Endings, Error> {
        let Drawn { seeds, shard, threads } = self;
        let progress = crate::cli::progress(usize::try_from(shard.count(seeds)).unwrap_or(usize::MAX));
        let waiting = LongWaits::beside(&progress);
        waiting.is_about(safe(&loaded.path));
        let threads = threads.map_or_else(parallel::workers, usize::from);
        let counted = parallel::each(&(0..threads).collect::<Vec<usize>>(), |first| {
            let files = loaded.files();
            let mut explorer = Explorer::new(&loaded.scenario, version, &files, fresh)?;
            explorer.watched_by(&waiting);
            let mut endings = Endings::default();
            for seed in shard.seeds(seeds).skip(*first).step_by(threads) {
                endings.add(seed, &explorer.draw(seed)?);
                progress.inc(1);
            }
            Ok(endings)
        });
        progress.finish_and_clear();
        let mut all = Endings::default();
        for endings in counted {
            all.join(endings?);
        }
        Ok(all)
    }
}
