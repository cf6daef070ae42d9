/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\"")
    user = folder_of(FILENAME)
    used = folder_of("src/" part[2])
    if (used == "") printf "%s:%d: \"%s\" is not written from src/\n", FILENAME, FNR, part[2]
    else if (!may_use(user, used)) printf "%s:%d: %s may not include %s\n", FILENAME, FNR, user, part[2]
}
