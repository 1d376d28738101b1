# For scripts in tests/, which source it: `serving FOLDER` starts `kubeverdict serve` with a kubeconfig of its own in a folder, and
# stops it when the script ends.
serving() {
  # As the tests have it: built alone, what it depends on has fewer features, and is compiled once more.
  cargo test --locked --quiet --no-run --test serve
  rm -f "$1/kubeconfig"
  target/debug/kubeverdict serve --secure-port=0 --kubeconfig-out="$1/kubeconfig" > "$1/out" &
  trap "kill $!" EXIT
  for _ in $(seq 1 100); do
    if grep -q "serves Kubernetes" "$1/out"; then break; fi
    sleep 0.2
  done
}
