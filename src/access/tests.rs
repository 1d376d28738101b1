use super::*;
use crate::api::Version;
use crate::authorize::rbac::Index;
use crate::clients::NoFiles;
use crate::cluster::{Cluster, START};
use crate::explain;
use crate::scenario::run::{self, Options};

fn built(steps: &str) -> (Access, Index) {
    let text =
        format!("scenario: access\nabout: Who may do what.\nsteps:\n- kubectl create namespace dev\n{steps}");
    let scenario = crate::scenario::load::parse("access.yaml", &text).expect("it is a scenario");
    let options = Options::default();
    let config = run::config(&scenario, Version::DEFAULT, options, &NoFiles).expect("a set-up");
    let start = jiff::Timestamp::from_second(START).expect("an instant");
    let fresh = Cluster::new(config.clone(), start).expect("a cluster").knowledge().rbac().clone();
    let (report, cluster) =
        run::play(&scenario, config, &NoFiles, start, options).expect("it can be replayed");
    let explained: Vec<_> = report
        .steps
        .iter()
        .map(|step| (step, step.requests.iter().map(explain::uncured).collect()))
        .collect();
    let end = cluster.knowledge().rbac().clone();
    (build(&fresh, &end, &explained), end)
}

/// The ways from subject to rule, in words.
fn ways(access: &Access) -> Vec<String> {
    let mut ways: Vec<String> = access
        .graph
        .edge_indices()
        .filter_map(|edge| access.graph.edge_endpoints(edge))
        .map(|(from, to)| format!("{} > {}", access.graph[from].name, access.graph[to].name))
        .collect();
    ways.sort();
    ways
}

const READER: &str = "- kubectl create role reader --verb=get,list --resource=pods -n dev
- kubectl create rolebinding alice --role=reader --user=alice -n dev
- {request: {as: alice, do: GET /api/v1/namespaces/dev/pods}}
- {request: {as: bob, do: GET /api/v1/nodes}}
";

#[test]
fn subject_binding_role_rule() {
    let (access, _) = built(READER);
    assert_eq!(ways(&access), ["alice > alice", "alice > reader", "reader > get, list"]);
    let labels: Vec<&str> = access.actors.iter().map(|actor| actor.label.as_str()).collect();
    assert_eq!(labels, ["alice", "bob"], "an administrator is no actor");
}

#[test]
fn whoever_has_no_binding_stands_alone() {
    let (access, _) = built(READER);
    let alone = access
        .column(Column::Subject)
        .into_iter()
        .find(|node| access.graph[*node].name == "bob")
        .expect("bob");
    assert_eq!(access.graph.neighbors(alone).count(), 0);
    assert_eq!(access.graph[alone].detail, "no binding made here reaches it");
}

#[test]
fn a_matrix_holds_what_is_granted_and_what_was_asked() {
    let (access, end) = built(READER);
    let alice = matrix(&access, &end, 0).expect("a matrix");
    assert_eq!(alice.resources, ["pods"]);
    let verbs: Vec<&str> = alice.rows.iter().map(|(verb, _)| verb.as_str()).collect();
    assert_eq!(verbs, ["get", "list"]);
    let (_, list) = &alice.rows[1];
    assert_eq!(list[0].rules.len(), 1);
    assert_eq!(list[0].rules[0].1, "dev");
    assert_eq!(list[0].asks.len(), 1);
    let bob = matrix(&access, &end, 1).expect("a matrix");
    assert!(bob.rows[0].1[0].rules.is_empty());
}

#[test]
fn what_is_deleted_is_gone() {
    let (access, end) = built(&format!("{READER}- kubectl delete rolebinding alice -n dev\n"));
    let binding = access.column(Column::Binding)[0];
    assert_eq!(access.graph[binding].standing, Standing::Gone);
    let alice = matrix(&access, &end, 0).expect("a matrix");
    assert!(alice.rows.iter().all(|(_, cells)| cells.iter().all(|cell| cell.rules.is_empty())));
}

#[test]
fn a_role_that_is_not_there_is_missing() {
    let (access, _) = built("- kubectl create rolebinding alice --role=nowhere --user=alice -n dev\n");
    let role = access.column(Column::Role)[0];
    assert_eq!(access.graph[role].standing, Standing::Missing);
}

#[test]
fn of_a_default_role_only_what_matters_is_drawn() {
    let (access, _) = built(
        "- kubectl create rolebinding alice --clusterrole=view --user=alice -n dev\n\
         - {request: {as: alice, do: GET /api/v1/namespaces/dev/pods}}\n",
    );
    let rules = access.column(Column::Rule);
    assert_eq!(rules.len(), 2, "the rule that allows, and that there are more");
    assert!(rules.iter().any(|rule| access.graph[*rule].kind.ends_with("more rules")));
}

#[test]
fn nodes_of_a_column_do_not_overlap() {
    let (access, _) = built(READER);
    let placed = place(&access);
    let mut corners: Vec<(i32, i32)> = placed.at.values().copied().collect();
    corners.sort_unstable();
    for pair in corners.windows(2) {
        assert!(pair[0].0 != pair[1].0 || pair[1].1 - pair[0].1 >= layout::HEIGHT, "{pair:?}");
    }
    assert!(
        corners.iter().all(|(x, y)| x + layout::WIDTH <= placed.width && y + layout::HEIGHT <= placed.height)
    );
}
