# TLS in the tests. With run.tcl's --tls every server listens with TLS alone,
# and every client and program speaks it; without, only unit/tls does.
#
# The set of certificates is made by tls-certs, once a run or once a file.

namespace eval tls_set {
    variable folder ""
}

# The path of a file of the set: tls_file client.crt
proc tls_file {name} {
    if {$tls_set::folder eq ""} {
        set tls_set::folder [test_option tls-dir]
    }
    if {$tls_set::folder eq ""} {
        set tls_set::folder [server_new_dir]
        exec $::folder/tls-certs $tls_set::folder
    }
    return $tls_set::folder/$name
}

# What a server needs to listen with TLS alone.
proc tls_directives {port} {
    return [list port 0 tls-port $port tls-cert-file [tls_file server.crt] tls-key-file [tls_file server.key] \
        tls-ca-cert-file [tls_file ca.crt]]
}

# What redis-cli and redis-benchmark need to be let in.
proc tls_arguments {} {
    return [list --tls --cacert [tls_file ca.crt] --cert [tls_file client.crt] --key [tls_file client.key]]
}

# A connection with the options of tls::socket, beside those that follow from
# the set; an option of an empty value is left out.
proc tls_connect {host port args} {
    package require tls
    set options [dict merge [list -cafile [tls_file ca.crt] -certfile [tls_file client.crt] \
        -keyfile [tls_file client.key] -autoservername 0 -require 1] $args]
    foreach name [dict keys $options] {
        if {[dict get $options $name] eq ""} {
            dict unset options $name
        }
    }
    set fd [tls::socket {*}$options $host $port]
    if {[catch {tls::handshake $fd} trouble]} {
        close $fd
        error $trouble
    }
    return $fd
}
