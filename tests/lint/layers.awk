# Who may use whom. The variable `layers` lists the folders of src/, lowest
# first. A folder below app/ is a program of its own, which may use only base,
# ds, io and itself; app/check, which reads what the server writes, all up to
# persist.

# src/db/x.c is of the folder db, src/app/cli/x.c of app/cli; a path
# without a folder is of none.
function folder_of(path) {
    sub(/^src\//, "", path)
    return sub(/\/[^\/]*$/, "", path) ? path : ""
}

function rank_of(folder,    i, names, count) {
    count = split(layers, names, " ")
    for (i = 1; i <= count; i++) if (names[i] == folder) return i
    return 0
}

function may_use(user, used) {
    if (used == user) return rank_of(user) || user ~ /^app\/[^\/]+$/
    if (!rank_of(used)) return 0
    if (user == "app/check") return rank_of(used) <= rank_of("persist")
    if (user ~ /^app\/[^\/]+$/) return used == "base" || used == "ds" || used == "io"
    return rank_of(used) <= rank_of(user)
}
