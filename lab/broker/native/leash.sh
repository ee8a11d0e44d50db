#!/bin/sh
# Lets nothing of a private RabbitMQ outlive its keeper.
#
#   leash.sh FOLDER RECORD
#
# Standard input is a pipe that the keeper holds. The keeper writes one line to it, the number of the process group
# that it is going to run RabbitMQ in; the leash says 'held', and only then does the group begin. When the pipe ends,
# the group is killed, and FOLDER and RECORD are removed. (When the leash itself is killed, the keeper does the same.)
folder=$1 record=$2

# Once the keeper is dead, nobody reads what is said here; that must not end the leash.
trap '' PIPE
echo ready
read -r group && echo held
cat >/dev/null

for round in 1 2; do
  [ -z "$group" ] || kill -KILL "-$group" 2>/dev/null
  rm -rf "$folder" "$record" 2>/dev/null
  # A write that was under way when its process was killed may have put a file back.
  [ "$round" = 2 ] || sleep 0.2
done
