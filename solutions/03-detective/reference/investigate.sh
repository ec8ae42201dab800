#!/bin/sh
# How to find it all out. What you see is yours alone: the answers beside this file belong to somebody else.
# Usage: sh investigate.sh > answers.json

label=$(docker inspect --format '{{.Config.Labels.case}}' mystery)
restarts=$(docker inspect --format '{{.HostConfig.RestartPolicy.MaximumRetryCount}}' mystery)

# The alarm went to standard error; docker logs keeps the two apart.
alarm=$(docker logs mystery 2>&1 >/dev/null)
intruder=$(echo "$alarm" | cut -d ' ' -f 2)
door=$(echo "$alarm" | cut -d ' ' -f 7)

note=$(docker logs mystery 2>/dev/null | sed -n 's/.*left a note in //p')
safe=$(docker exec mystery cat "$note" | sed 's/.*opens with \(.*\)\./\1/')

processes=$(docker stats --no-stream --format '{{.PIDs}}' mystery)
limit=$(docker stats --no-stream --format '{{.MemUsage}}' mystery | sed 's/.*\/ *//')

cat <<END
{
    "case": "$label",
    "restarts": $restarts,
    "intruder": "$intruder",
    "door": $door,
    "safe": "$safe",
    "processes": $processes,
    "memory_limit_mib": "$limit"
}
END
