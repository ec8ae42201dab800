#!/bin/sh
# Say how many penguins of one species were seen, and how large they are on average.
#
#     penguins.sh SPECIES
#
# Reads all.csv in the folder that it is started from: species, flipper length (mm), body mass (g).
# Exit status: 0 when all is well, 2 when it is not given one species, 3 when nobody has seen that one, 4 when there is no all.csv.

if [ "$#" -ne 1 ]; then
    echo "penguins.sh: expected the name of one species" >&2
    exit 2
fi
if [ ! -f all.csv ]; then
    echo "penguins.sh: there is no all.csv in $(pwd)" >&2
    exit 4
fi
exec awk -F, -v species="$1" '
    $1 == species { seen += 1; flipper += $2; mass += $3 }
    END {
        if (!seen) { print "nobody has seen a penguin of the species " species; exit 3 }
        printf "%s: %d seen, flipper %.1f mm, %.0f g\n", species, seen, flipper / seen, mass / seen
    }
' all.csv
