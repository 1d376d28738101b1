use super::*;
use crate::limits::{FOLDERS_DEEP, READ_BYTES};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

/// A folder of a test's own; gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("kubeverdict-files-{}-{name}", std::process::id()));
        fs::create_dir_all(folder.join("root/sub")).unwrap();
        fs::write(folder.join("outside.yaml"), "secret").unwrap();
        fs::write(folder.join("root/a.yaml"), "a").unwrap();
        fs::write(folder.join("root/sub/b.yaml"), "b").unwrap();
        Folder(folder)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_scenario_reads_inside_its_root_only() {
    let folder = Folder::new("root");
    symlink("../outside.yaml", folder.at("root/out.yaml")).unwrap();
    symlink("a.yaml", folder.at("root/in.yaml")).unwrap();
    symlink("..", folder.at("root/up")).unwrap();
    let given = folder.at("root");
    let root = Root::of(&folder.at("root/sub/s.yaml"), Some(&given));
    let inside = folder.at("root/a.yaml").display().to_string();
    let outside = folder.at("outside.yaml").display().to_string();
    for (path, want) in [
        ("b.yaml", Ok("b")),
        ("../a.yaml", Ok("a")),
        ("../in.yaml", Ok("a")),
        (inside.as_str(), Ok("a")),
        ("../out.yaml", Err("leads out")),
        ("../up/outside.yaml", Err("leads out")),
        ("../../outside.yaml", Err("leads out")),
        ("../../nowhere.yaml", Err("leads out")),
        (outside.as_str(), Err("leads out")),
        ("/etc/passwd", Err("leads out")),
        ("nowhere.yaml", Err("No such file")),
        ("../sub", Err("this is a folder, and a regular file is wanted")),
    ] {
        match (root.read(path), want) {
            (Ok(read), Ok(want)) => assert_eq!(read, want.as_bytes(), "{path}"),
            (Err(error), Err(want)) => assert!(error.to_string().contains(want), "{path}: {error}"),
            (got, want) => panic!("{path}: {got:?} instead of {want:?}"),
        }
    }
}

#[test]
fn a_root_is_where_the_snapshots_are() {
    let folder = Folder::new("snapshots");
    let scenario = folder.at("root/sub/s.yaml");
    assert!(Root::of(&scenario, None).read("../a.yaml").is_err());
    fs::create_dir(folder.at("root/snapshots")).unwrap();
    assert_eq!(Root::of(&scenario, None).read("../a.yaml").unwrap(), b"a");
    assert!(Root::of(&scenario, None).read("../../outside.yaml").is_err());
}

#[test]
fn only_regular_files_of_a_size_are_read() {
    let folder = Folder::new("sizes");
    let big = folder.at("big");
    File::create(&big).unwrap().set_len(READ_BYTES.value + 1).unwrap();
    let refused = |path: &Path| read(path, &READ_BYTES).unwrap_err().to_string();
    assert_eq!(refused(&big), READ_BYTES.check(u64::MAX).unwrap_err());
    assert_eq!(refused(Path::new("/dev/zero")), "this is a device, and a regular file is wanted");
    assert_eq!(refused(&folder.0), "this is a folder, and a regular file is wanted");
}

#[test]
fn a_walk_ends() {
    let folder = Folder::new("walk");
    symlink("..", folder.at("root/sub/up")).unwrap();
    let walk = |folder: &Path| below(folder, &["yaml"], None);
    assert_eq!(walk(&folder.at("root")).unwrap().len(), 2);
    symlink("../../outside.yaml", folder.at("root/sub/c.yaml")).unwrap();
    assert!(walk(&folder.at("root")).unwrap_err().message.contains("leads out"));
    let deep: PathBuf = (0..=FOLDERS_DEEP.value + 1).map(|_| "d").collect();
    fs::create_dir_all(folder.at("deep").join(deep)).unwrap();
    assert!(walk(&folder.at("deep")).unwrap_err().message.contains("FOLDERS_DEEP"));
}

#[test]
fn what_fails_leaves_nothing_behind() {
    let folder = Folder::new("write");
    let files = |folder: &Folder| names(&folder.at("root")).unwrap();
    let before = files(&folder);
    let rights = fs::Permissions::from_mode(0o600);
    fs::set_permissions(folder.at("root/a.yaml"), rights).unwrap();
    write(&folder.at("root/a.yaml"), b"new").unwrap();
    assert_eq!(fs::metadata(folder.at("root/a.yaml")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read(folder.at("root/a.yaml")).unwrap(), b"new");
    assert!(write(&folder.at("root/sub"), b"x").is_err());
    assert!(write(Path::new("/dev/null"), b"x").is_err());
    // A file stands where a folder is wanted.
    let broken = [("a", "a"), ("a/b", "b")];
    assert!(write_folder(&folder.at("root/book"), broken.into_iter()).is_err());
    assert_eq!(files(&folder), before);
    write_folder(&folder.at("root/book"), [("x/y", "z")].into_iter()).unwrap();
    assert_eq!(fs::read(folder.at("root/book/x/y")).unwrap(), b"z");
}

#[test]
fn text_may_have_a_mark_of_its_bytes_order() {
    let of =
        |order: fn(u16) -> [u8; 2]| "\u{feff}kind: é\n".encode_utf16().flat_map(order).collect::<Vec<u8>>();
    for bytes in [b"\xef\xbb\xbfkind: \xc3\xa9\n".to_vec(), of(u16::to_le_bytes), of(u16::to_be_bytes)] {
        assert_eq!(as_text(bytes).expect("it is text"), "kind: é\n");
    }
    for (bytes, what) in [(&b"\xffx"[..], "UTF-8"), (b"\xff\xfea", "UTF-16"), (b"\xfe\xff\xd8\x00", "UTF-16")]
    {
        assert_eq!(
            as_text(bytes.to_vec()).unwrap_err().to_string(),
            format!("stream did not contain valid {what}")
        );
    }
}
