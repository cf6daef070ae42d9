# Reads `nm -A` over all objects: FILE:VALUE TYPE NAME.
{
    file = $1
    sub(/:.*/, "", file)
    sub(/^build\/lint\/obj\//, "src/", file)
    sub(/o$/, "c", file)
    type = $(NF - 1)
    name = $NF
    folder = folder_of(file)
    if (type ~ /^[Uw]$/) {
        user[++count] = folder
        wants[count] = name
        from[count] = file
    } else if (type ~ /^[A-TV-Z]$/) {
        definers[name] = definers[name] " " folder
    }
}
END {
    for (i = 1; i <= count; i++) {
        found = split(definers[wants[i]], list, " ")
        allowed = found == 0
        for (j = 1; j <= found; j++) if (may_use(user[i], list[j])) allowed = 1
        if (!allowed) printf "%s: %s may not use %s of%s\n", from[i], user[i], wants[i], definers[wants[i]]
    }
}
