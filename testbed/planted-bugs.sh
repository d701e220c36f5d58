#!/usr/bin/env bash
# Proves the strength of the tests: plants each fault of testbed/bugs in a scratch worktree of the last commit, one at a
# time, runs the test that must fail, and says whether it did. Each test must pass first without any fault.
#
# Usage: testbed/planted-bugs.sh [NUMBER ...]     like 07 or 51; all of them if none is given
# TIDEMARK_SEED fixes the seed of random tests, TIDEMARK_BUGS_LOGS names a directory that keeps the tests' output.
# Exit code: 0 if every fault was caught, 1 if one was not, 2 if something could not be run.
set -euo pipefail
home=$(cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
tree=$work/tree
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

clean() {
  git -C "$home" worktree remove --force "$tree" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

patches=()
if [ $# -eq 0 ]; then
  patches=("$home"/testbed/bugs/*.patch)
else
  for number in "$@"; do
    found=("$home"/testbed/bugs/"$number"-*.patch)
    [ -e "${found[0]}" ] || { echo "planted-bugs: there is no fault $number in testbed/bugs" >&2; exit 2; }
    patches+=("${found[0]}")
  done
fi

git -C "$home" worktree add --quiet --detach "$tree" HEAD
cd "$tree"
echo "building ..." >&2
./mvnw -q -B -ntp -T2 package dependency:build-classpath -Dmdep.outputFile=target/classpath -Dmdep.includeScope=test \
  -Dtest=none >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 2; }
modules=$(for module in */target/classes; do printf '%s:' "$tree/$module"; done)

field() { sed -n "s/^$2: //p" "$1" | head -n 1; }

# Runs a test with what is compiled into the overlay before everything else, in processes of roles, too.
run() { # module test
  local selector
  case $2 in
    *'#'*) selector="--select-method=$2" ;;
    *) selector="--select-class=$2" ;;
  esac
  (cd "$1" && timeout --foreground -k 30 600 "$java" -Xmx2g -XX:+UseParallelGC -Duser.timezone=UTC ${TIDEMARK_SEED:+-Dtidemark.seed=$TIDEMARK_SEED} \
    -Dtidemark.testbed="$tree/target/testbed" -Dtidemark.distributions="$tree/testbed/target/distributions" \
    -Dtidemark.roles.before="$work/overlay" -Dtidemark.module="$1" -cp "$work/overlay:target/test-classes:target/classes:$(cat target/classpath)" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors --details=none \
    --fail-if-no-tests "$selector") >"$work/test.log" 2>&1
}

declare -A passes
missed=0
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  module=$(field "$patch" Module)
  test=$(field "$patch" Test)
  mkdir -p "$work/overlay"
  if [ -z "${passes[$test]:-}" ]; then
    run "$module" "$test" || { cat "$work/test.log" >&2; echo "planted-bugs: $test fails without any fault" >&2; exit 2; }
    passes[$test]=1
  fi
  git apply "$patch" || { echo "planted-bugs: $name does not apply any more" >&2; exit 2; }
  mapfile -t changed < <(git diff --name-only)
  "${java}c" -proc:none -nowarn -d "$work/overlay" -cp "$modules$(cat app/target/classpath)" "${changed[@]}" 2>"$work/javac.log" \
    || { cat "$work/javac.log" >&2; echo "planted-bugs: $name does not compile" >&2; exit 2; }
  began=$SECONDS
  status=0
  run "$module" "$test" || status=$?
  case $status in
    0) verdict=MISSED; missed=$((missed + 1)) ;;
    1) verdict=caught ;;
    124 | 137) verdict=HANGS; missed=$((missed + 1)) ;;
    *) cat "$work/test.log" >&2; echo "planted-bugs: $test could not be run" >&2; exit 2 ;;
  esac
  printf '%-6s %4d s  %-44s %s\n' "$verdict" $((SECONDS - began)) "$name" "${test##*.tidemark.}"
  cp "$work/test.log" "${TIDEMARK_BUGS_LOGS:-$work}/$name.log" 2>/dev/null || true
  git checkout --quiet -- .
  rm -rf "$work/overlay"
done
echo "${#patches[@]} faults, $missed missed"
[ "$missed" -eq 0 ]
