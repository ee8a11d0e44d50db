#!/bin/sh
# Runs a private RabbitMQ, and lets nothing of it outlive its keeper.
#
#   leash.sh FOLDER EPMD EPMD_PORT SERVER
#
# The leash leads a process group of its own. Its standard input is a pipe that the keeper holds: when that ends,
# or the server does, everything in the group ends, and FOLDER with it. (When the leash itself is killed, the keeper
# does the same.)
folder=$1 epmd=$2 epmd_port=$3 server=$4

exec 3<&0 </dev/null
"$epmd" -port "$epmd_port" -address 127.0.0.1 &
"$server" &
broker=$!
# Killed alone, not with its group: the group includes this shell, which has the folder to remove.
{ cat <&3 >/dev/null; kill -KILL $broker; } &
exec 3<&-
wait $broker
code=$?

# Once more for whatever the server had in hand while it died.
rm -rf "$folder" 2>/dev/null || rm -rf "$folder"
echo "leash: the server ended with code $code"
# Epmd and the watching cat are still here. This ends the shell as well.
kill -KILL 0
