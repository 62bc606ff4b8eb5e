#!/usr/bin/env bash
# Runs a command where OpenCL works on the processor: a Debian 13 tree with PoCL 6, made by debootstrap the first time (about 40 s and
# 0.7 GB), with this machine's dotnet and FOLDER at their own paths, in a mount namespace of its own. Debian 12's own PoCL is too old for
# ILGPU. Needs root and Debian or Ubuntu.
# usage: tests/opencl-cpu.sh FOLDER COMMAND ...
#   tests/opencl-cpu.sh "$PWD" env MINIDEEP_TEST_DEVICE=opencl dotnet test tests/MiniDeep.Gpu.Tests/bin/Release/net10.0/MiniDeep.Gpu.Tests.dll
set -eu
root=${MINIDEEP_POCL_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/minideep-pocl}
folder=$(realpath "$1"); shift
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
command -v debootstrap >/dev/null || { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap; } >/dev/null
if [ ! -e "$root/.ready" ]; then
  rm -rf --one-file-system "$root"
  mkdir -p "$(dirname "$root")"
  debootstrap --variant=minbase --include=pocl-opencl-icd,ocl-icd-libopencl1 trixie "$root" >"$root.log" || { tail -5 "$root.log" >&2; exit 1; }
  rm -rf "$root"/var/cache/apt/archives/*.deb
  touch "$root/.ready"
fi
exec unshare -m --propagation private bash -c '
  root=$0 folder=$1 dotnet=$2; shift 2
  mount -t proc proc "$root/proc"
  mount --bind /dev "$root/dev"
  mount --bind /sys "$root/sys"            # PoCL reads the topology there
  mount -t tmpfs tmpfs "$root/tmp"
  mkdir -p "$root$folder" "$root$dotnet"   # after /tmp: FOLDER may lie below it
  mount --bind "$folder" "$root$folder"
  mount --bind "$dotnet" "$root$dotnet"
  exec chroot "$root" /usr/bin/env -i HOME=/root PATH="$dotnet:/usr/bin:/bin" DOTNET_ROOT="$dotnet" \
    DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 \
    sh -c "cd \"\$1\" && shift && exec \"\$@\"" sh "$folder" "$@"
' "$root" "$folder" "$dotnet" "$@"
