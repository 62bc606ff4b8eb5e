#!/usr/bin/env bash
# Emits the PTX of every kernel and assembles it for sm_80 and sm_90 with ptxas (of the CUDA toolkit; PTXAS names another one). Fails on what doesn't assemble, and on
# register spills in the kernels of products and convolutions. Writes registers, spills and shared memory of each to FOLDER/report.txt. Needs no card.
# usage: tests/ptx.sh [FOLDER]
set -eu
cd "$(dirname "$0")/.."
folder=$(realpath -m "${1:-artifacts/ptx}")
ptxas=${PTXAS:-$(command -v ptxas || true)}
if [ -z "$ptxas" ]; then
  echo "ptx.sh: there is no ptxas here (it comes with NVIDIA's CUDA toolkit); nothing was assembled." >&2
  exit 2
fi
rm -rf "$folder"; mkdir -p "$folder"
MINIDEEP_PTX_FOLDER=$folder dotnet test tests/MiniDeep.Gpu.Tests -c Release --filter "FullyQualifiedName~PtxTests" --nologo >"$folder/test.log" || { cat "$folder/test.log"; exit 1; }
failed=0
for ptx in "$folder"/*.ptx; do
for arch in sm_80 sm_90; do
  name=$(basename "$ptx" .ptx).$arch
  if ! out=$("$ptxas" -v -arch="$arch" -o /dev/null "$ptx" 2>&1); then
    echo "$name: $out" >&2
    failed=1
    continue
  fi
  stores=$(sed -n 's/.* \([0-9]*\) bytes spill stores.*/\1/p' <<<"$out" | sort -n | tail -1)
  stack=$(sed -n 's/ *\([0-9]*\) bytes stack frame.*/\1/p' <<<"$out" | sort -n | tail -1)
  registers=$(sed -n 's/.*Used \([0-9]*\) registers.*/\1/p' <<<"$out" | tail -1)
  shared=$(sed -n 's/.* \([0-9]*\) bytes smem.*/\1/p' <<<"$out" | tail -1)
  echo "$name registers=$registers spilled=${stores:-0} stack=${stack:-0} shared=${shared:-0}" >>"$folder/report.txt"
  case $name in
    TileKernel*|LargeTileKernel*|PlainKernel*|PartsKernel*|ColumnKernel*)
      if [ "${stores:-0}" != 0 ]; then
        echo "$name spills $stores bytes" >&2
        failed=1
      fi ;;
  esac
done
done
kernels=$(wc -l <"$folder/report.txt")
[ "$kernels" -ge 160 ] || { echo "only $kernels kernels were assembled" >&2; failed=1; }
[ "$failed" = 0 ] && echo "$kernels kernels assembled without a spill; see $folder/report.txt"
exit "$failed"
