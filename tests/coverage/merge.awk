# SPDX-License-Identifier: GPL-2.0-or-later
# Reads the output of `llvm-cov show -show-branches=count`, and prints each line and
# branch that no test executes. A source that is compiled twice, as in test_memory.c,
# appears twice; it is sufficient if one of the copies is executed.
/^\/.*:$/ {
	file = $0
	sub(/:$/, "", file)
	sub(/.*\/src\//, "src/", file)
	files[file] = 1
}
match($0, /Branch \([0-9]+:[0-9]+\): \[True: [0-9.kMG]+, False: [0-9.kMG]+\]/) {
	split(substr($0, RSTART, RLENGTH), part, /[()]/)
	split(substr($0, RSTART, RLENGTH), count, /True: |, False: |\]/)
	at = file ":" part[2]
	branch[at] = 1
	if (count[2] != "0") was_true[at] = 1
	if (count[3] != "0") was_false[at] = 1
}
/^ +[0-9]+\| +[0-9.kMG]+\|/ {
	split($0, column, "|")
	gsub(/ /, "", column[1])
	gsub(/ /, "", column[2])
	at = file ":" column[1]
	line[at] = 1
	if (column[2] != "0") was_run[at] = 1
}
END {
	for (at in line) {
		lines++
		if (at in was_run) run++
		else print "not ok  " at ": no test comes here"
	}
	for (at in branch) {
		branches += 2
		if (at in was_true) taken++
		else print "not ok  " at ": never true in a test"
		if (at in was_false) taken++
		else print "not ok  " at ": never false in a test"
	}
	for (file in files) n++
	printf "%d files: %d of %d lines, %d of %d branches\n", n, run, lines, taken, branches
	# Without a line and a branch the measurement has failed.
	exit lines == 0 || branches == 0 || run < lines || taken < branches
}
