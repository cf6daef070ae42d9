# Runs one file of tests; started by run.tcl, reports to it line by line.
#   tclsh worker.tcl FILE OPTIONS     (OPTIONS: a dict, see run.tcl)

set folder [file dirname [file normalize [info script]]]
foreach name {leash client test server program events tls} {
    source $folder/$name.tcl
}
fconfigure stdout -encoding utf-8
lassign $argv file test::options
expr {srand([test_option seed])}
set client::patience_ms [expr {[test_option timeout] * 500}]
if {[catch {source $file} message details] && [dict get $details -errorcode] ne "SERVERGONE"} {
    test_report fail "the file runs to its end" [dict get $details -errorinfo]
}
foreach handle $server::stack {
    catch {server_stop $handle}
}
test_report done
