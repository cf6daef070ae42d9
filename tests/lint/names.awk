# Reads names.allow, then `nm -A` over all objects: FILE:VALUE TYPE NAME.
FILENAME == "tests/lint/names.allow" {
    if (!/^#/ && NF) allowed[$1 " " $2] = 1
    next
}
{
    file = $1
    sub(/:.*/, "", file)
    sub(/^build\/lint\/obj\//, "src/", file)
    sub(/\.o$/, "", file)
    name = $NF
    if (is_allowed(file ".c " name) || is_allowed(file ".c " first_word(name) "_*")) next
    if (!may_export(file, name)) print file ".c exports " name
}
END {
    for (line in allowed) if (!(line in used)) print "tests/lint/names.allow: needless: " line
}

function is_allowed(line) {
    if (line in allowed) used[line] = 1
    return line in allowed
}

function first_word(name) {
    sub(/_.*/, "", name)
    return name
}

function begins_with(name, word) {
    return index(name "_", word "_") == 1
}

# set_scan.c may export set_scan_..., and set_... if its folder has a set.h;
# each folder has a settings.c and a sections.c, which may export <folder>_... .
function may_export(file, name,    folder, stem) {
    folder = stem = file
    sub(/[^\/]*$/, "", folder)
    sub(/.*\//, "", stem)
    if (begins_with(name, stem)) return 1
    if ((stem == "settings" || stem == "sections") && begins_with(name, last_folder(folder))) return 1
    while (sub(/_[^_]*$/, "", stem)) {
        if (begins_with(name, stem) && exists(folder stem ".h")) return 1
    }
    return 0
}

function last_folder(folder) {
    sub(/\/$/, "", folder)
    sub(/.*\//, "", folder)
    return folder
}

function exists(path,    line, status) {
    status = (getline line < path)
    close(path)
    return status >= 0
}
