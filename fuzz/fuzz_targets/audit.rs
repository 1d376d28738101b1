#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kubeverdict_fuzz::audit(data));
