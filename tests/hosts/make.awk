# SPDX-License-Identifier: GPL-2.0-or-later
# A description becomes a tree in the current directory, except for two things that awk
# cannot make: `links` and `tables` are lists of them for the script that calls this.

function fail(why) {
	printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0 >"/dev/stderr"
	failed = 1
	exit 1
}

function directory(path) { directories[path] = 1 }
function file(path, content) { files[path] = content; directory(parent(path)) }
function link(path, target) { links[path] = target; directory(parent(path)) }
function parent(path) { sub(/\/[^\/]*$/, "", path); return path }
function base(path) { sub(/.*\//, "", path); return path }
function indent() { match($0, /^[ \t]*/); return RLENGTH }

# The directory that a line which stands this far to the right belongs to.
function above(at,   i, best) {
	best = ""
	for (i = 0; i < at; i++)
		if (i in places)
			best = places[i]
	return best
}

function place(at, path,   i) {
	for (i in places)
		if (i + 0 >= at)
			delete places[i]
	places[at] = path
}

/^[ \t]*(#|$)/ { next }

$1 == "kernel" { release = $2; next }
$1 == "cmdline" { $1 = ""; cmdline = substr($0, 2); next }
$1 == "tables" { acpi = 1; for (i = 2; i <= NF; i++) if ($i != "-") tables = tables $i "\n"; next }
$1 == "remapping" { remapping = 1; next }
$1 == "builtin" { for (i = 2; i <= NF; i++) builtin[$i] = 1; next }

# iommu UNIT [DIR below sys/devices]
$1 == "iommu" {
	if (!default_unit)
		default_unit = $2
	units[$2] = "sys/devices/" (NF > 2 ? $3 : "virtual") "/iommu/" $2
	directory(units[$2] "/devices")
	link("sys/class/iommu/" $2, units[$2])
	next
}

# group NUMBER type WORD | group NUMBER region START END KIND
$1 == "group" && $3 == "type" { types[$2] = $4; next }
$1 == "group" && $3 == "region" { regions[$2] = regions[$2] $4 " " $5 " " $6 "\n"; next }

# disk NAME MAJOR:MINOR DIR below the device [shared SUBSYSTEM]
$1 == "disk" {
	path = above(indent())
	if (path == "")
		fail("a disk without a device")
	path = path "/" $4
	if ($5 == "shared") {
		# Reachable through several controllers, so it belongs to none; a hidden path to it does.
		link("sys/devices/virtual/nvme-subsystem/" $6 "/" base($4), path)
		hidden = $2
		sub(/n[0-9]+$/, "c0&", hidden)
		file(path "/" hidden "/hidden", "1\n")
		link("sys/class/block/" hidden, path "/" hidden)
		path = "sys/devices/virtual/nvme-subsystem/" $6
	}
	block(path "/" $2, $2, $3)
	place(indent(), path "/" $2)
	next
}

# part NAME MAJOR:MINOR
$1 == "part" {
	path = above(indent()) "/" $2
	block(path, $2, $3)
	file(path "/partition", ++partitions[above(indent())] "\n")
	next
}

function block(path, name, number) {
	blocks[name] = path
	numbers[name] = number
	file(path "/dev", number "\n")
	directory(path "/holders")
	directory(path "/slaves")
	link("sys/class/block/" name, path)
	link("sys/dev/block/" number, path)
}

# stack NAME MAJOR:MINOR KIND NAME-OF-ITS-OWN on BLOCK...
$1 == "stack" {
	path = "sys/devices/virtual/block/" $2
	block(path, $2, $3)
	if ($2 ~ /^dm-/) {
		file(path "/dm/name", $5 "\n")
		file(path "/dm/uuid", $4 "-\n")
		sources[$2] = "/dev/mapper/" $5
	} else if ($2 ~ /^md/) {
		file(path "/md/level", $4 "\n")
	}
	for (i = 7; i <= NF; i++) {
		if (!($i in blocks))
			fail("no such block device: " $i)
		link(path "/slaves/" $i, blocks[$i])
		link(blocks[$i] "/holders/" $2, path)
	}
	next
}

function source(name) { return name in sources ? sources[name] : name in blocks ? "/dev/" name : name }

# mount PLACE TYPE SOURCE [MORE DEVICES of the same filesystem]...
$1 == "mount" {
	number = $3 != "btrfs" && $4 in numbers ? numbers[$4] : "0:" 30 + ++mounts
	mountinfo = mountinfo sprintf("%d %d %s / %s rw,relatime shared:1 - %s %s rw\n", 20 + ++mounted,
		$2 == "/" ? 1 : 21, number, $2, $3, source($4))
	if ($3 == "btrfs")
		for (i = 4; i <= NF; i++)
			link("sys/fs/btrfs/" number_of_btrfs($4) "/devices/" $i, blocks[$i])
	next
}

# A directory a filesystem, named for its UUID.
function number_of_btrfs(name) {
	if (!(name in btrfs))
		btrfs[name] = sprintf("00000000-0000-0000-0000-%012d", ++filesystems)
	return btrfs[name]
}

# swap BLOCK; the kernel names what it opened, not the link that it was given
$1 == "swap" {
	swaps = swaps sprintf("%-40s%s\t8388604\t\t0\t\t-2\n", "/dev/" $2, "partition")
	next
}

# holds BLOCK TYPE [LABEL [UUID]]: what udev has found on it
$1 == "holds" {
	if (!($2 in numbers))
		fail("no such block device")
	file("run/udev/data/b" numbers[$2], "E:ID_FS_TYPE=" $3 "\n" \
		(NF > 3 ? "E:ID_FS_LABEL=" $4 "\nE:ID_FS_LABEL_ENC=" $4 "\n" : "") \
		(NF > 4 ? "E:ID_FS_UUID=" $5 "\n" : ""))
	next
}

# imported POOL [GUID]: the kernel has imported this ZFS pool
$1 == "imported" {
	file("proc/spl/kstat/zfs/" $2 "/state", "ONLINE\n")
	if (NF > 2)
		file("proc/spl/kstat/zfs/" $2 "/guid", $3 "\n")
	next
}

# fstab LINE | crypttab LINE
$1 == "fstab" || $1 == "crypttab" {
	path = "etc/" $1
	sub(/^[ \t]*[a-z]+[ \t]+/, "")
	file(path, files[path] $0 "\n")
	next
}

# route NET...: the default routes; - for none. Without this line, the only card has it.
$1 == "route" {
	routed = 1
	for (i = 2; i <= NF; i++)
		if ($i != "-")
			routes = routes default_route($i)
	next
}

function default_route(name) {
	return name "\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
}

# keyboard [DIR]: below the device, or below sys/devices where it is indented below none
$1 == "keyboard" {
	path = above(indent())
	if (path == "" && NF == 1)
		fail("a keyboard without a device")
	path = (path == "" ? "sys/devices" : path) "/" (NF > 1 ? $2 : "usb1/1-1/1-1:1.0/0003:046D:C31C.0001")
	path = path "/input/input" ++inputs
	# As an ordinary PC keyboard has it.
	file(path "/capabilities/key", "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n")
	link("sys/class/input/input" inputs, path)
	next
}

# net NAME [DIR below the device]
$1 == "net" {
	nets++
	last_net = $2
	device = above(indent()) (NF > 2 ? "/" $3 : "")
	directory(device "/net/" $2)
	link(device "/net/" $2 "/device", device)
	link("sys/class/net/" $2, device "/net/" $2)
	next
}

# ADDRESS ID CLASS DRIVER GROUP RESET [boot_vga | vga] [iommu=UNIT] [vf-of=ADDRESS]
$1 ~ /^[0-9a-f]+:[0-9a-f][0-9a-f]:[01][0-9a-f]\.[0-7]$/ {
	if (NF < 6)
		fail("address, ID, class, driver, group and reset methods are needed")
	path = device_directory($1, above(indent()))
	place(indent(), path)
	devices[$1] = path
	link("sys/bus/pci/devices/" $1, path)
	file(path "/modalias", modalias($2, $3))
	file(path "/driver_override", "(null)\n")
	driver(path, $4)
	unit = default_unit
	for (i = 7; i <= NF; i++)
		unit = extra(path, $i, unit, $1, substr($2, 6, 4))
	if ($5 != "-")
		group(path, $1, $5, unit)
	# Before Linux 5.15 there is no more to see than that there is one.
	if ($6 == "yes")
		file(path "/reset", "")
	else if ($6 != "-") {
		gsub(/,/, " ", $6)
		file(path "/reset_method", $6 "\n")
	}
	next
}

{ fail("not understood") }

# A device on a root bus, or in a domain of its own behind another device, has a host bridge's directory above it.
function device_directory(address, over,   bus) {
	bus = address
	sub(/:[^:]*$/, "", bus)
	if (over == "")
		return "sys/devices/pci" bus "/" address
	if (substr(base(over), 1, index(base(over), ":")) != substr(address, 1, index(address, ":")))
		return over "/pci" bus "/" address
	return over "/" address
}

function modalias(id, class,   part) {
	split(toupper(id), part, ":")
	class = toupper(class)
	return sprintf("pci:v0000%sd0000%ssv0000%ssd0000%sbc%ssc%si%s\n", part[1], part[2], part[3], part[4],
		substr(class, 1, 2), substr(class, 3, 2), substr(class, 5, 2))
}

function driver(path, name,   own, module_of) {
	if (name == "-")
		return
	own = "sys/bus/pci/drivers/" name
	file(own "/bind", "")
	file(own "/unbind", "")
	link(path "/driver", own)
	if (name in builtin)
		return
	module_of = name
	gsub(/-/, "_", module_of)
	link(own "/module", "sys/module/" module_of)
	file("sys/module/" module_of "/initstate", "live\n")
	if (name ~ /vfio/)
		directory(path "/vfio-dev/vfio" vfio_devices++)
}

# The bus, the device and the function of ADDRESS as one number.
function routing_id(address,   n, i, digits) {
	digits = substr(address, length(address) - 6)
	n = 0
	for (i = 1; i <= 2; i++)
		n = 16 * n + index("0123456789abcdef", substr(digits, i, 1)) - 1
	n = 2 * n + substr(digits, 4, 1)
	n = 16 * n + index("0123456789abcdef", substr(digits, 5, 1)) - 1
	return 8 * n + substr(digits, 7, 1)
}

function extra(path, word, unit, own, id,   value) {
	value = word
	sub(/^[^=]*=/, "", value)
	if (word == "boot_vga")
		file(path "/boot_vga", "1\n")
	else if (word == "vga")
		file(path "/boot_vga", "0\n")
	else if (word ~ /^iommu=/)
		return value
	else if (word ~ /^vf-of=/) {
		if (!(value in devices))
			fail("no such function: " value)
		link(path "/physfn", devices[value])
		vf_place[value, vfs[value] + 0] = routing_id(own) - routing_id(value)
		vf_id[value] = id
		link(devices[value] "/virtfn" vfs[value]++, path)
	} else if (word == "removable") {
		file(path "/removable", "removable\n")
	} else
		fail("not understood: " word)
	return unit
}

function group(path, address, number, unit,   own) {
	own = "sys/kernel/iommu_groups/" number
	if (!(unit in units))
		fail("a group without an IOMMU")
	link(path "/iommu_group", own)
	link(path "/iommu", units[unit])
	link(own "/devices/" address, path)
	link(units[unit] "/devices/" address, path)
	if (!(number in types))
		types[number] = "DMA-FQ"
	groups[number] = 1
}

function write_files(   path, list, make) {
	make = "xargs mkdir -p"
	for (path in directories)
		print path | make
	close(make)
	for (path in links)
		list = list links[path] " " path "\n"
	files["links"] = list
	files["tables"] = tables
	for (path in files) {
		printf "%s", files[path] >path
		close(path)
	}
}

END {
	if (failed)
		exit 1
	for (number in groups) {
		file("sys/kernel/iommu_groups/" number "/type", types[number] "\n")
		file("sys/kernel/iommu_groups/" number "/reserved_regions",
			regions[number] "0x00000000fee00000 0x00000000feefffff msi\n")
	}
	for (address in vfs) {
		file(devices[address] "/sriov_numvfs", vfs[address] "\n")
		file(devices[address] "/sriov_totalvfs", "64\n")
		file(devices[address] "/sriov_offset", vf_place[address, 0] "\n")
		file(devices[address] "/sriov_stride",
			(vfs[address] > 1 ? vf_place[address, 1] - vf_place[address, 0] : 1) "\n")
		file(devices[address] "/sriov_vf_device", vf_id[address] "\n")
	}
	if (!routed && nets == 1)
		routes = default_route(last_net)
	if (routes != "")
		file("proc/net/route",
			"Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n" routes)
	file("proc/sys/kernel/osrelease", release "\n")
	file("proc/cmdline", cmdline "\n")
	file("proc/interrupts", sprintf("%16s\n%3s:%10d  %sIO-APIC    2-edge      timer\n", "CPU0", 0, 5,
		remapping ? "IR-" : ""))
	file("proc/self/mountinfo", mountinfo)
	file("proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n" swaps)
	file("sys/bus/pci/drivers_probe", "")
	if (acpi)
		directory("sys/firmware/acpi/tables")
	directory("sys/class/iommu")
	directory("sys/class/block")
	directory("sys/class/net")
	directory("sys/kernel/iommu_groups")
	directory("run/udev/data")
	directory("usr/share/misc")
	directory("lib/modules")
	directory("etc")
	write_files()
}
