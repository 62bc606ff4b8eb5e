#!/usr/bin/env bash
# Builds and runs TorchSharpPeer. TorchSharp 0.107's native part wants GLIBCXX_3.4.32 (GCC 13); where the system's libstdc++ is
# older, it runs in a Debian 13 tree made by debootstrap (as root; about 30 s the first time, 270 MB in the user's cache folder).
# usage: torchsharp.sh --build | torchsharp.sh FOLDER | torchsharp.sh start      (FOLDER: an absolute path, visible to the peer)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/minideep-peers
out=$cache/torchsharp-peer tree=$cache/trixie
native() { strings -a "$(ldconfig -p | awk '/libstdc\+\+\.so\.6 .*x86-64/{print $NF; exit}')" | grep -q GLIBCXX_3.4.32; }

if [[ ${1-} == --build ]]; then
  mkdir -p "$cache"
  dotnet build -v q --nologo -c Release "$here/TorchSharpPeer" -o "$out" --artifacts-path "$out-obj" 1>&2
  if ! native && [[ ! -x $tree/bin/bash ]]; then
    command -v debootstrap >/dev/null || { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap; } 1>&2
    debootstrap --variant=minbase --include=libstdc++6,libgomp1 trixie "$tree" 1>&2
  fi
  exit
fi
if native; then exec dotnet "$out/TorchSharpPeer.dll" "$@"; fi
folder=${1-}
[[ $folder == /* ]] || folder=$(mktemp -d)
dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")
mkdir -p "$tree/opt/dotnet" "$tree/opt/peer" "$tree/root/.nuget" "$tree$folder"
# a mount namespace of its own: nothing stays mounted under the cache folder when it ends
exec unshare -m --propagation private bash -euc '
  tree=$0; mount --bind "$1" "$tree/opt/dotnet"; mount --bind "$2" "$tree/opt/peer"; mount --bind "$3" "$tree/root/.nuget"; mount --bind "$4" "$tree$4"; shift 4
  mount -t proc proc "$tree/proc"; mount --bind /dev "$tree/dev"
  exec chroot "$tree" /usr/bin/env HOME=/root DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 /opt/dotnet/dotnet /opt/peer/TorchSharpPeer.dll "$@"
' "$tree" "$dotnet_root" "$out" "$HOME/.nuget" "$folder" "$@"
