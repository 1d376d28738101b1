//! By type: a program that skips a stage, swaps two, or writes to the store without a change does not compile.

#[test]
fn the_stages_cannot_be_gone_around() {
    trybuild::TestCases::new().compile_fail("tests/stages/*.rs");
}
