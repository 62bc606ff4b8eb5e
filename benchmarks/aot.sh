#!/usr/bin/env bash
# The training step of exercise 3's network (64 images, Adam, one thread), just-in-time and published as Native AOT: without any setting, and for this machine's instruction set.
# usage: aot.sh        prints microseconds a step, the instruction set in use, and the speed against the JIT's (medians of five alternating runs)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# Native AOT links with clang or gcc, and with zlib.
missing=()
command -v clang >/dev/null || command -v gcc >/dev/null || missing+=(clang)
ldconfig -p | grep -q 'libz\.so ' || missing+=(zlib1g-dev)
if [ ${#missing[@]} -gt 0 ]; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } 1>&2
fi
linker=()
command -v clang >/dev/null || linker=(-p:CppCompilerAndLinker=gcc)

# Each publish builds in a folder of its own: the library is compiled into the program.
publish() { dotnet publish "$here/ColdStart" -c Release --use-current-runtime -v q --nologo --artifacts-path "$out/$1-obj" -o "$out/$1" "${@:2}" 1>&2; }
publish jit
publish default -p:PublishAot=true "${linker[@]}"
publish native -p:PublishAot=true -p:IlcInstructionSet=native "${linker[@]}"

declare -A times
for _ in 1 2 3 4 5; do
  for kind in jit default native; do
    read -r _ time set < <("$out/$kind/MiniDeep.ColdStart" steady)
    times[$kind]+="$time $set"$'\n'
  done
done
median() { sort -n <<<"${times[$1]}" | sed '/^$/d' | sed -n 3p; }
read -r jit _ < <(median jit)
for kind in jit default native; do
  read -r time set < <(median "$kind")
  awk -v k="$kind" -v t="$time" -v j="$jit" -v s="$set" 'BEGIN { printf "%-8s %9.1f us  %-8s %4.0f %% of the JIT'"'"'s speed\n", k, t, s, 100 * j / t }'
done
