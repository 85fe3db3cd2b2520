#!/bin/sh
# Runs a program and ends it when standard input closes: when whoever started it says so, or is gone, however it went.
# usage: guard.sh <grace in tenths of a second> <program> [argument …]
grace=$1
shift

exec 3<&0
"$@" </dev/null 3<&- &
program=$!
exec 2>/dev/null # the shell's own remarks ("Terminated") do not belong into the program's log

(
  while read -r _ <&3; do :; done
  trap '' TERM # from here on it ends by itself, once the program has
  kill -TERM "$program"
  waited=0
  while kill -0 "$program"; do
    [ "$waited" -ge "$grace" ] && kill -KILL "$program"
    waited=$((waited + 1))
    sleep 0.1
  done
) >/dev/null &
watcher=$!
exec 3<&-

# A signal to the guard itself is passed on; the wait then goes on until the program has ended.
trap 'kill -TERM "$program"' TERM INT HUP
code=0
wait "$program" || code=$?
while kill -0 "$program"; do
  code=0
  wait "$program" || code=$?
done
kill "$watcher"
wait "$watcher"
exit "$code"
