# SPDX-License-Identifier: GPL-2.0-or-later
# earlybind: hands PCI devices to VFIO before any other driver can touch them.

VERSION := 0.1.0

# To build for another architecture: CROSS is its GNU name (aarch64-linux-gnu), of which there are a compiler and
# binutils here, SYSROOT a directory with that architecture's libraries and their headers (`make print-sysroot-packages`),
# and B another directory than the native one's. The binder is then linked with klibc. `make deb` makes its packages.
CROSS ?=
SYSROOT ?=

# What the binder is linked with: klibc, musl or glibc, always statically.
LIBC ?= $(if $(or $(CROSS),$(shell command -v klcc)),klibc,glibc)

# The GNU variables. sysconfdir is where the binder and the tool read, so it does not follow prefix.
prefix ?= /usr/local
exec_prefix ?= $(prefix)
sbindir ?= $(exec_prefix)/sbin
libexecdir ?= $(exec_prefix)/libexec
datarootdir ?= $(prefix)/share
datadir ?= $(datarootdir)
docdir ?= $(datarootdir)/doc/earlybind
mandir ?= $(datarootdir)/man
sysconfdir ?= /etc
bashcompletionsdir ?= $(datadir)/bash-completion/completions
zshcompletionsdir ?= $(datadir)/zsh/site-functions
fishcompletionsdir ?= $(datadir)/fish/vendor_completions.d
# initramfs-tools looks nowhere else.
initramfstoolsdir ?= /usr/share/initramfs-tools
dracutmodulesdir ?= $(or $(shell $(PKG_CONFIG) --variable=dracutmodulesdir dracut 2>/dev/null),/usr/lib/dracut/modules.d)
# Part of the systemd or eudev that is there, wherever earlybind itself goes.
udevrulesdir ?= $(or $(shell $(PKG_CONFIG) --variable=udevdir udev 2>/dev/null),/usr/lib/udev)/rules.d
INSTALL ?= install
INSTALL_PROGRAM ?= $(INSTALL) -m 755
INSTALL_DATA ?= $(INSTALL) -m 644

CC ?= cc
PKG_CONFIG ?= pkg-config
STRIP := strip
ifneq ($(CROSS),)
$(if $(SYSROOT),,$(error CROSS=$(CROSS) needs a SYSROOT))
# Also over what debhelper says, which expects that architecture's libraries among this machine's.
override CC := $(CROSS)-gcc --sysroot=$(abspath $(SYSROOT))
override PKG_CONFIG := PKG_CONFIG_LIBDIR=$(abspath $(SYSROOT))/usr/lib/$(CROSS)/pkgconfig pkg-config
STRIP := $(CROSS)-strip
endif
WARNINGS := -Wall -Wextra -Werror
# What is built names no directory of the machine that built it.
ALL_CFLAGS = -std=gnu11 $(WARNINGS) -Isrc -D_GNU_SOURCE -DEARLYBIND_VERSION='"$(VERSION)"' -MMD -MP \
	-ffile-prefix-map=$(CURDIR)=.
# The tool's. Who sets them, as distributions do, brings hardening of his own.
CFLAGS ?= -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDFLAGS ?= -pie -Wl,-z,relro,-z,now

B := build
BOOT := $(B)/earlybind-boot
TOOL := $(B)/earlybind

# Stages in the order in which data passes them.
CORE_SRC := $(sort $(wildcard src/base/*.c src/system/*.c src/config/*.c src/machine/*.c src/decide/*.c src/*.c \
	src/bind/*.c src/report/*.c))
BOOT_SRC := $(CORE_SRC) $(sort $(wildcard src/boot/*.c))
TOOL_SRC := $(CORE_SRC) $(sort $(wildcard src/tool/*/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_LIB := $(CORE_SRC) src/tool/inspect/record.c src/tool/inspect/boot_log.c $(filter-out src/boot/main.c,$(sort $(wildcard src/boot/*.c))) $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c))

# One line a command; V=1 shows the commands themselves.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2))

all: $(BOOT) $(TOOL)

# --- the binder ---

# musl-gcc keeps to musl's own headers; the kernel's are found behind them.
KERNEL_HEADERS = -idirafter /usr/include -idirafter /usr/include/$(shell $(CC) -print-multiarch)
BOOT_CC_klibc := $(if $(CROSS),$(B)/klcc,klcc)
BOOT_CC_musl = musl-gcc $(KERNEL_HEADERS)
BOOT_CC_glibc = $(CC)
BOOT_FLAVOURS := klibc musl glibc
# As small as it gets: it lies in every initramfs, and runs once with nobody to attack it.
BOOT_CFLAGS := $(if $(shell $(CC) -Oz -E -x c /dev/null >/dev/null 2>&1 && echo yes),-Oz,-Os) \
	-fomit-frame-pointer -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fcf-protection=none
BOOT_LDFLAGS := -static -Wl,--gc-sections -Wl,-z,noseparate-code -Wl,-z,norelro

boot_objects = $(BOOT_SRC:%.c=$(B)/boot-$(1)/%.o)

define boot_rules
$(B)/boot-$(1)/%.o: %.c Makefile
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$(Q)$(BOOT_CC_$(1)) $(BOOT_CFLAGS) $$(ALL_CFLAGS) -c -o $$@ $$<

$(B)/earlybind-boot.$(1): $(call boot_objects,$(1))
	$$(call say,LINK,$$@)
	$(Q)$(BOOT_CC_$(1)) $(BOOT_CFLAGS) $(BOOT_LDFLAGS) -o $$@ $$^
	$(Q)$(STRIP) --strip-all -R .comment -R '.note*' $$@
	@printf '%s: %d bytes, static, %s\n' $$@ "$$$$(stat -c %s $$@)" $(1)

endef
$(foreach flavour,$(BOOT_FLAVOURS),$(eval $(call boot_rules,$(flavour))))
-include $(foreach flavour,$(BOOT_FLAVOURS),$(patsubst %.o,%.d,$(call boot_objects,$(flavour))))

# klcc is a script that holds the places of its own architecture's klibc; made
# anew only when it differs, as with another SYSROOT.
ifneq ($(CROSS),)
$(B)/klcc: FORCE
	@mkdir -p $(@D)
	@sed 's,\\/usr\\/lib\\/klibc,$(abspath $(SYSROOT))/usr/lib/klibc,g' $(SYSROOT)/usr/bin/klcc >$@.new
	@chmod 755 $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(call boot_objects,klibc): $(B)/klcc
endif

$(BOOT): $(B)/earlybind-boot.$(LIBC)
	@cp $< $@

# --- the tool ---

TOOL_LIBS := libkmod libpci smartcols mount libarchive
TOOL_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(TOOL_LIBS))
TOOL_LDLIBS = $(shell $(PKG_CONFIG) --libs $(TOOL_LIBS))
TOOL_OBJ := $(TOOL_SRC:%.c=$(B)/tool/%.o)

$(B)/tool/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(ALL_CFLAGS) $(TOOL_CFLAGS) -c -o $@ $<

$(TOOL): $(TOOL_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TOOL_LDLIBS)

-include $(TOOL_OBJ:.o=.d)

# For tests/analysis.
print-tool-cflags:
	@echo $(TOOL_CFLAGS)

# One source for `earlybind explain` and this page, which is kept in the tree for builds that cannot run the tool.
man/earlybind-verdicts.7: $(wildcard src/tool/output/explain*.c) src/tool/output/remedy.c src/decide/verdict.c | $(TOOL)
	$(call say,MDOC,$@)
	$(Q)$(TOOL) explain --mdoc >$@.new && mv $@.new $@

# --- what is installed ---

# Files that hold places of other files; written anew at each installation, with its variables.
TEMPLATES := initramfs-tools/hook initramfs-tools/init-top initramfs-tools/local-top \
	initramfs-tools/local-block initramfs-tools/nfs-top \
	dracut-module/module-setup.sh dracut-module/earlybind.service dracut-module/start-earlybind.sh \
	dracut-module/earlybind-rescue.service dracut-module/earlybind-rescue-cancel.service dracut-module/rescue-earlybind.sh \
	udev/75-earlybind.rules \
	packaging/completions/earlybind.bash packaging/completions/_earlybind packaging/completions/earlybind.fish
VERDICTS = $(shell sed -n 's/^[[:space:]]*\[V_[A-Z0-9_]*\] = { "\([a-z0-9-]*\)".*/\1/p' src/decide/verdict.c)
SUBSTITUTED := $(B)/substituted

DRACUT = $(dracutmodulesdir)/50earlybind
MAN_PAGES := $(wildcard man/*.[1-8])

# What is installed, and where: SOURCE,PLACE. `uninstall` takes the same places away.
PROGRAMS = $(TOOL),$(sbindir)/earlybind \
	$(BOOT),$(libexecdir)/earlybind/earlybind-boot \
	$(SUBSTITUTED)/initramfs-tools/hook,$(initramfstoolsdir)/hooks/earlybind \
	$(SUBSTITUTED)/initramfs-tools/init-top,$(initramfstoolsdir)/scripts/init-top/earlybind \
	$(SUBSTITUTED)/initramfs-tools/local-top,$(initramfstoolsdir)/scripts/local-top/earlybind \
	$(SUBSTITUTED)/initramfs-tools/local-block,$(initramfstoolsdir)/scripts/local-block/earlybind \
	$(SUBSTITUTED)/initramfs-tools/nfs-top,$(initramfstoolsdir)/scripts/nfs-top/earlybind \
	$(SUBSTITUTED)/dracut-module/module-setup.sh,$(DRACUT)/module-setup.sh \
	$(SUBSTITUTED)/dracut-module/start-earlybind.sh,$(DRACUT)/start-earlybind.sh \
	$(SUBSTITUTED)/dracut-module/rescue-earlybind.sh,$(DRACUT)/rescue-earlybind.sh
DATA = $(SUBSTITUTED)/dracut-module/earlybind.service,$(DRACUT)/earlybind.service \
	dracut-module/wait-for-earlybind.conf,$(DRACUT)/wait-for-earlybind.conf \
	$(SUBSTITUTED)/dracut-module/earlybind-rescue.service,$(DRACUT)/earlybind-rescue.service \
	$(SUBSTITUTED)/dracut-module/earlybind-rescue-cancel.service,$(DRACUT)/earlybind-rescue-cancel.service \
	$(SUBSTITUTED)/udev/75-earlybind.rules,$(udevrulesdir)/75-earlybind.rules \
	$(foreach page,$(MAN_PAGES),$(page),$(mandir)/man$(subst .,,$(suffix $(page)))/$(notdir $(page))) \
	$(SUBSTITUTED)/packaging/completions/earlybind.bash,$(bashcompletionsdir)/earlybind \
	$(SUBSTITUTED)/packaging/completions/_earlybind,$(zshcompletionsdir)/_earlybind \
	$(SUBSTITUTED)/packaging/completions/earlybind.fish,$(fishcompletionsdir)/earlybind.fish \
	README.md,$(docdir)/README.md \
	CHANGELOG.md,$(docdir)/CHANGELOG.md \
	docs/guide.md,$(docdir)/docs/guide.md \
	earlybind.conf.example,$(docdir)/earlybind.conf.example
# Directories that are nobody else's, the inner ones first.
OWN_DIRS = $(libexecdir)/earlybind $(docdir)/docs $(docdir) $(DRACUT)
CONFIGURATION = $(sysconfdir)/earlybind.conf

comma := ,
place = $(DESTDIR)$(lastword $(subst $(comma), ,$(1)))

# install_files(INSTALL COMMAND, SOURCE,PLACE...)
define install_files
	@set -e; for pair in $(2); do \
		source=$${pair%%,*} place=$(DESTDIR)$${pair#*,}; \
		$(INSTALL) -d "$${place%/*}"; \
		$(1) "$$source" "$$place"; \
	done
endef

substitute:
	@set -e; for file in $(TEMPLATES); do \
		mkdir -p "$(SUBSTITUTED)/$${file%/*}"; \
		sed -e 's|@libexecdir@|$(libexecdir)|g' -e 's|@sbindir@|$(sbindir)|g' \
			-e 's|@udevrulesdir@|$(udevrulesdir)|g' -e 's|@verdicts@|$(VERDICTS)|' "$$file.in" >"$(SUBSTITUTED)/$$file"; \
	done

# A configuration that is there stays as it is.
install: all substitute
	$(call install_files,$(INSTALL_PROGRAM),$(PROGRAMS))
	$(call install_files,$(INSTALL_DATA),$(DATA))
	@[ -e "$(DESTDIR)$(CONFIGURATION)" ] || { $(INSTALL) -d "$(DESTDIR)$(sysconfdir)" && \
		$(INSTALL_DATA) earlybind.conf.example "$(DESTDIR)$(CONFIGURATION)"; }

# A configuration that was changed stays.
uninstall:
	rm -f $(foreach pair,$(PROGRAMS) $(DATA),$(call place,$(pair)))
	@! cmp -s earlybind.conf.example "$(DESTDIR)$(CONFIGURATION)" || rm -f "$(DESTDIR)$(CONFIGURATION)"
	@for directory in $(OWN_DIRS); do \
		[ ! -d "$(DESTDIR)$$directory" ] || rmdir --ignore-fail-on-non-empty "$(DESTDIR)$$directory"; \
	done

# --- packages ---

deb:
	@EARLYBIND_LIBC=$(LIBC) packaging/build-deb $(VERSION) $(B)/deb $(if $(CROSS),$(CROSS) $(SYSROOT))
	@ls $(B)/deb/*.deb

rpm:
	@packaging/build-rpm $(VERSION) $(B)/rpm
	@ls $(B)/rpm/*.rpm

# --- tests ---

# Unit tests run under the sanitizers: an error there ends the test.
UNIT_CFLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
UNIT_OBJ := $(UNIT_LIB:%.c=$(B)/unit/%.o)
UNIT_TESTS := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)

$(B)/unit/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(UNIT_CFLAGS) $(ALL_CFLAGS) -Itests/unit -c -o $@ $<

$(UNIT_TESTS): $(B)/unit/%: $(B)/unit/tests/unit/%.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(UNIT_CFLAGS) -o $@ $^ -lcmocka

# The binder over a machine of tests/hosts, on the fake kernel.
RUN_BINDER := $(B)/unit/run-binder

$(RUN_BINDER): $(B)/unit/tests/hosts/run-binder.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(UNIT_CFLAGS) -o $@ $^

-include $(UNIT_OBJ:.o=.d) $(UNIT_SRC:%.c=$(B)/unit/%.d) $(B)/unit/tests/hosts/run-binder.d
.SECONDARY:

unit-tests: $(UNIT_TESTS)

check-unit: $(UNIT_TESTS)
	@tests/run-unit $(UNIT_TESTS)

# How far the unit tests go: tests/coverage/run.
COVERAGE_CFLAGS := -O0 -g -fprofile-instr-generate -fcoverage-mapping
COVERAGE_OBJ := $(UNIT_LIB:%.c=$(B)/coverage/%.o)

$(B)/coverage/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)clang $(COVERAGE_CFLAGS) $(ALL_CFLAGS) -Itests/unit -c -o $@ $<

$(UNIT_SRC:%.c=$(B)/coverage/%): $(B)/coverage/%: $(B)/coverage/%.o $(COVERAGE_OBJ)
	$(call say,LINK,$@)
	$(Q)clang $(COVERAGE_CFLAGS) -o $@ $^ -lcmocka

-include $(COVERAGE_OBJ:.o=.d)

# One program a parser; FUZZ_SECONDS=600 make fuzz for a long run.
FUZZ_CFLAGS := -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_LIB := $(CORE_SRC) src/tool/inspect/record.c $(sort $(wildcard src/tool/host/*.c))
FUZZ_OBJ := $(FUZZ_LIB:%.c=$(B)/fuzz/%.o)
FUZZERS := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)

$(B)/fuzz/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)clang $(FUZZ_CFLAGS) $(ALL_CFLAGS) $(TOOL_CFLAGS) -Itests/fuzz -c -o $@ $<

$(FUZZERS): $(B)/fuzz/%: $(B)/fuzz/tests/fuzz/%.o $(FUZZ_OBJ)
	$(call say,LINK,$@)
	$(Q)clang $(FUZZ_CFLAGS) -o $@ $^ $(TOOL_LDLIBS)

-include $(FUZZ_OBJ:.o=.d) $(FUZZ_SRC:%.c=$(B)/fuzz/%.d)

fuzz: $(FUZZERS)
	@tests/fuzz/run $(B)

# Each of the binder's system calls fails, kills it or hangs once, on a fake kernel.
FAULTS_SRC := $(sort $(wildcard tests/fault-injection/*.c)) tests/unit/fake_kernel.c $(wildcard src/base/*.c src/system/*.c)
FAULTS_OBJ := $(FAULTS_SRC:%.c=$(B)/faults/%.o)

$(B)/faults/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CFLAGS) $(ALL_CFLAGS) -Itests/unit -Itests/fault-injection -c -o $@ $<

$(B)/faults/faults: $(FAULTS_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) -o $@ $^

-include $(FAULTS_OBJ:.o=.d)

faults: $(B)/faults/faults $(B)/earlybind-boot.klibc
	@tests/fault-injection/run $(B)

# Everything: units, builds, golden outputs, images and real boots. Installs what is missing.
check: packages
	@$(MAKE) --no-print-directory all
	@tests/check

# One part of it, by its name in tests/check.
check-%: all
	@tests/check $*

# Every architecture's releases, initramfs generators and IOMMUs against each other; ends with the tables.
check-qemu-all: packages
	@$(MAKE) --no-print-directory packages-to-emulate
	@qemu-test/run --matrix

demo: packages-to-demo
	@qemu-test/demo

# --- Debian packages for all of this ---

BUILD_PACKAGES := gcc libc6-dev linux-libc-dev binutils libklibc-dev pkg-config libkmod-dev libpci-dev libsmartcols-dev \
	libmount-dev libarchive-dev
# build-essential is not among them: of what it stands for, only what BUILD_PACKAGES names is needed.
DEB_PACKAGES := debhelper dpkg-dev
PACKAGING_PACKAGES := $(DEB_PACKAGES) rpm
BOOT_PACKAGES := qemu-system-x86 mmdebstrap e2fsprogs cpio jq
ARM64_PACKAGES := qemu-system-arm qemu-efi-aarch64 ipxe-qemu gcc-aarch64-linux-gnu libc6-dev-arm64-cross
# To make a root of another architecture, whose programs run under an emulator.
EMULATE_PACKAGES := qemu-user-static binfmt-support arch-test
TEST_PACKAGES := musl-tools clang llvm libclang-rt-dev libcmocka-dev shellcheck clang-tidy cppcheck zstd kmod xz-utils \
	mandoc initramfs-tools-core bash-completion zsh fish lintian rpmlint

packages:
	@tests/get-packages $(BUILD_PACKAGES) $(BOOT_PACKAGES) $(ARM64_PACKAGES) $(PACKAGING_PACKAGES) $(TEST_PACKAGES)

packages-to-emulate:
	@tests/get-packages $(EMULATE_PACKAGES)

packages-to-build:
	@tests/get-packages $(BUILD_PACKAGES)

packages-to-package:
	@tests/get-packages $(BUILD_PACKAGES) $(PACKAGING_PACKAGES)

packages-to-demo:
	@tests/get-packages $(BUILD_PACKAGES) $(DEB_PACKAGES) $(BOOT_PACKAGES)

# The libraries among them, one a line: what a SYSROOT must hold.
print-sysroot-packages:
	@printf '%s\n' $(filter %-dev,$(BUILD_PACKAGES))

clean:
	rm -rf $(B)

FORCE:
.PHONY: FORCE all deb rpm install uninstall substitute unit-tests fuzz faults check check-unit check-qemu-all demo packages \
	packages-to-build packages-to-package packages-to-demo packages-to-emulate print-sysroot-packages print-tool-cflags clean
