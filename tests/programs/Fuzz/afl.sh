#!/bin/sh
# Fuzzes a reader with AFL++, which sees which branches of MiniDeep an input takes: afl.sh READER SECONDS FOLDER
# Needs afl-fuzz (Debian: afl++) and SharpFuzz's instrumentation (dotnet tool install --global SharpFuzz.CommandLine).
# Ends with the number of crashes and hangs; the files are in FOLDER/findings.
set -eu
reader=$1 seconds=$2 folder=$3
here=$(dirname "$0")
dotnet publish -c Release -v quiet -o "$folder/program" "$here"
dotnet "$folder/program/Fuzz.dll" seeds "$reader" "$folder/seeds"
sharpfuzz "$folder/program/MiniDeep.dll"
# one hang is an input that takes more than 5 s; 0.5 GB beyond the runtime's own reservations is the end of the process
AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 DOTNET_GCHeapHardLimit=0x20000000 \
    afl-fuzz -i "$folder/seeds" -o "$folder/findings" -t 5000 -m none -V "$seconds" dotnet "$folder/program/Fuzz.dll" afl "$reader" > "$folder/log"
grep -E '^(execs_done|edges_found|saved_crashes|saved_hangs|corpus_count)' "$folder/findings/default/fuzzer_stats"
