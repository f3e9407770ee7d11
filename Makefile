# SPDX-License-Identifier: GPL-2.0-or-later
# earlybind: binds PCI devices to VFIO before any other driver can claim them.

VERSION := 0.1.0

# Cross builds: CROSS is the GNU name of the target architecture (aarch64-linux-gnu), whose compiler and binutils must be
# installed. SYSROOT is a directory with its libraries and headers (`make print-sysroot-packages` lists the packages).
# Set B to a directory other than the native build's. The binder is linked with klibc, and `make deb` builds the packages.
CROSS ?=
SYSROOT ?=

# The C library of the binder: klibc, musl or glibc. It is always linked statically.
LIBC ?= $(if $(or $(CROSS),$(shell command -v klcc)),klibc,glibc)

# Paths follow the GNU directory variables. The binder and the tool read their configuration in sysconfdir, so it does
# not depend on prefix.
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
# The only directory that initramfs-tools reads.
initramfstoolsdir ?= /usr/share/initramfs-tools
dracutmodulesdir ?= $(or $(shell $(PKG_CONFIG) --variable=dracutmodulesdir dracut 2>/dev/null),/usr/lib/dracut/modules.d)
# udev reads its own directory only, whatever prefix is.
udevrulesdir ?= $(or $(shell $(PKG_CONFIG) --variable=udevdir udev 2>/dev/null),/usr/lib/udev)/rules.d
INSTALL ?= install
INSTALL_PROGRAM ?= $(INSTALL) -m 755
INSTALL_DATA ?= $(INSTALL) -m 644

CC ?= cc
PKG_CONFIG ?= pkg-config
STRIP := strip
ifneq ($(CROSS),)
$(if $(SYSROOT),,$(error CROSS=$(CROSS) needs a SYSROOT))
# `override`: debhelper sets both, and expects the target's libraries in the directories of this system.
override CC := $(CROSS)-gcc --sysroot=$(abspath $(SYSROOT))
override PKG_CONFIG := PKG_CONFIG_LIBDIR=$(abspath $(SYSROOT))/usr/lib/$(CROSS)/pkgconfig pkg-config
STRIP := $(CROSS)-strip
endif
# WERROR=1 turns warnings into errors. The test suite sets it; a build from source with another compiler does not fail.
WERROR ?=
WARNINGS := -Wall -Wextra $(if $(WERROR),-Werror)
# The prefix map keeps the build directory's name out of the programs.
ALL_CFLAGS = -std=gnu11 $(WARNINGS) -Isrc -I$(B) -D_GNU_SOURCE -DEARLYBIND_VERSION='"$(VERSION)"' -MMD -MP \
	-ffile-prefix-map=$(CURDIR)=.
# The flags of the tool. Distributions set their own, hardening included.
CFLAGS ?= -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDFLAGS ?= -pie -Wl,-z,relro,-z,now

B := build
BOOT := $(B)/earlybind-boot
TOOL := $(B)/earlybind

# The stages of the core, in the order in which data passes through them.
CORE_SRC := $(sort $(wildcard src/base/*.c src/system/*.c src/config/*.c src/machine/*.c src/decide/*.c src/*.c \
	src/bind/*.c src/record/*.c src/report/*.c))
BOOT_SRC := $(CORE_SRC) $(sort $(wildcard src/boot/*.c))
TOOL_SRC := $(CORE_SRC) $(sort $(wildcard src/tool/*/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_LIB := $(CORE_SRC) \
	$(filter-out src/boot/main.c,$(sort $(wildcard src/boot/*.c))) $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c))

# Each command prints one line; V=1 prints the commands themselves.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2))

# Made from the texts of src/verdicts: headers, the manual page, the documents' table and the words of the completions.
# A file keeps its time if it did not change, so that a new sentence in the manual recompiles nothing.
VERDICT_TEXTS := src/verdicts/verdicts.txt src/verdicts/steps.txt
GENERATED_HEADERS := $(patsubst %,$(B)/generated/%.h,verdict_list verdict_table device_facts steps_list explanations)
GENERATED := $(GENERATED_HEADERS) $(patsubst %,$(B)/generated/%,earlybind-verdicts.7 verdicts.md verdict-words)

# $(call compile,DIRECTORY,COMPILER AND FLAGS,SOURCES): the objects of one build variant, in $(B)/DIRECTORY. Variables in
# the second argument are written $$(NAME), so that they are expanded when the compiler runs.
define compile
$(B)/$(1)/%.o: %.c Makefile | $(GENERATED_HEADERS)
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$(2) $$(ALL_CFLAGS) -c -o $$@ $$<

-include $(patsubst %.c,$(B)/$(1)/%.d,$(3))
endef

all: $(BOOT) $(TOOL) $(GENERATED)

$(B)/generated/.stamp: $(VERDICT_TEXTS) src/verdicts/generate.awk Makefile
	$(call say,TEXTS,$(@D))
	$(Q)rm -rf $(@D)/new && mkdir -p $(@D)/new
	$(Q)awk -v out=$(@D)/new -f src/verdicts/generate.awk $(VERDICT_TEXTS)
	$(Q)cd $(@D) && for file in $(notdir $(GENERATED)); do cmp -s new/$$file $$file || mv new/$$file $$file || exit 1; done
	$(Q)rm -rf $(@D)/new && touch $@

$(GENERATED): $(B)/generated/.stamp
	@test -e $@ || { rm $< && $(MAKE) --no-print-directory $@; }

# --- the binder ---

# musl-gcc searches the headers of musl only; this adds the kernel's after them.
KERNEL_HEADERS = -idirafter /usr/include -idirafter /usr/include/$(shell $(CC) -print-multiarch)
BOOT_CC_klibc := $(if $(CROSS),$(B)/klcc,klcc)
BOOT_CC_musl = musl-gcc $(KERNEL_HEADERS)
BOOT_CC_glibc = $(CC)
BOOT_FLAVOURS := klibc musl glibc
# Optimized for size, without hardening: every initramfs holds the binder, and it runs before any user process exists.
# Whether the compiler, which may be clang's or another architecture's, has this option.
has_option = $(shell $(CC) $(1) -Werror -E -x c /dev/null >/dev/null 2>&1 && echo $(1))
BOOT_CFLAGS := $(or $(call has_option,-Oz),-Os) \
	-fomit-frame-pointer -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fcf-protection=none \
	$(foreach option,-fno-jump-tables -fno-caller-saves -malign-data=abi,$(call has_option,$(option)))
BOOT_LDFLAGS := -static -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro

boot_objects = $(BOOT_SRC:%.c=$(B)/boot-$(1)/%.o)

define boot_rules
$(call compile,boot-$(1),$$(BOOT_CC_$(1)) $$(BOOT_CFLAGS),$(BOOT_SRC))

$(B)/earlybind-boot.$(1): $(call boot_objects,$(1))
	$$(call say,LINK,$$@)
	$(Q)$(BOOT_CC_$(1)) $(BOOT_CFLAGS) $(BOOT_LDFLAGS) -o $$@ $$^
	$(Q)$(STRIP) --strip-all -R .comment -R '.note*' $$@
	@printf '%s: %d bytes, static, %s\n' $$@ "$$$$(stat -c %s $$@)" $(1)

endef
$(foreach flavour,$(BOOT_FLAVOURS),$(eval $(call boot_rules,$(flavour))))

# klcc is a script that names the directories of klibc; the copy names those in SYSROOT. It is replaced only if it
# changes, so that another SYSROOT rebuilds the binder.
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

TOOL_LIBS := libkmod libpci smartcols mount blkid libarchive
TOOL_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(TOOL_LIBS))
TOOL_LDLIBS = $(shell $(PKG_CONFIG) --libs $(TOOL_LIBS))
TOOL_OBJ := $(TOOL_SRC:%.c=$(B)/tool/%.o)

$(eval $(call compile,tool,$$(CC) $$(CPPFLAGS) $$(CFLAGS) $$(TOOL_CFLAGS),$(TOOL_SRC)))

$(TOOL): $(TOOL_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TOOL_LDLIBS)

generated: $(GENERATED)

# For tests/analysis.
print-tool-cflags:
	@echo $(TOOL_CFLAGS)

# --- what is installed ---

# Files that name the paths of other files. Each installation fills in its own directory variables.
TEMPLATES := initramfs-tools/hook initramfs-tools/init-top initramfs-tools/local-top \
	initramfs-tools/local-block initramfs-tools/init-premount \
	dracut-module/module-setup.sh dracut-module/earlybind.service dracut-module/start-earlybind.sh \
	dracut-module/earlybind-rescue.service dracut-module/earlybind-rescue-cancel.service dracut-module/rescue-earlybind.sh \
	dracut-module/earlybind-rescue-before-mount.service dracut-module/before-mount-earlybind.sh \
	udev/75-earlybind.rules \
	packaging/completions/earlybind.bash packaging/completions/_earlybind packaging/completions/earlybind.fish
SUBSTITUTED := $(B)/substituted

DRACUT = $(dracutmodulesdir)/50earlybind
MAN_PAGES := $(wildcard man/*.[1-8]) $(B)/generated/earlybind-verdicts.7

# What is installed, and where: SOURCE,DESTINATION. `uninstall` removes the same destinations.
PROGRAMS = $(TOOL),$(sbindir)/earlybind \
	$(BOOT),$(libexecdir)/earlybind/earlybind-boot \
	$(SUBSTITUTED)/initramfs-tools/hook,$(initramfstoolsdir)/hooks/earlybind \
	$(SUBSTITUTED)/initramfs-tools/init-top,$(initramfstoolsdir)/scripts/init-top/earlybind \
	$(SUBSTITUTED)/initramfs-tools/local-top,$(initramfstoolsdir)/scripts/local-top/earlybind \
	$(SUBSTITUTED)/initramfs-tools/local-block,$(initramfstoolsdir)/scripts/local-block/earlybind \
	$(SUBSTITUTED)/initramfs-tools/init-premount,$(initramfstoolsdir)/scripts/init-premount/earlybind \
	$(SUBSTITUTED)/dracut-module/module-setup.sh,$(DRACUT)/module-setup.sh \
	$(SUBSTITUTED)/dracut-module/start-earlybind.sh,$(DRACUT)/start-earlybind.sh \
	$(SUBSTITUTED)/dracut-module/rescue-earlybind.sh,$(DRACUT)/rescue-earlybind.sh \
	$(SUBSTITUTED)/dracut-module/before-mount-earlybind.sh,$(DRACUT)/before-mount-earlybind.sh
DATA = $(SUBSTITUTED)/dracut-module/earlybind.service,$(DRACUT)/earlybind.service \
	dracut-module/wait-for-earlybind.conf,$(DRACUT)/wait-for-earlybind.conf \
	$(SUBSTITUTED)/dracut-module/earlybind-rescue.service,$(DRACUT)/earlybind-rescue.service \
	$(SUBSTITUTED)/dracut-module/earlybind-rescue-cancel.service,$(DRACUT)/earlybind-rescue-cancel.service \
	$(SUBSTITUTED)/dracut-module/earlybind-rescue-before-mount.service,$(DRACUT)/earlybind-rescue-before-mount.service \
	$(SUBSTITUTED)/udev/75-earlybind.rules,$(udevrulesdir)/75-earlybind.rules \
	$(foreach page,$(MAN_PAGES),$(page),$(mandir)/man$(subst .,,$(suffix $(page)))/$(notdir $(page))) \
	$(SUBSTITUTED)/packaging/completions/earlybind.bash,$(bashcompletionsdir)/earlybind \
	$(SUBSTITUTED)/packaging/completions/_earlybind,$(zshcompletionsdir)/_earlybind \
	$(SUBSTITUTED)/packaging/completions/earlybind.fish,$(fishcompletionsdir)/earlybind.fish \
	README.md,$(docdir)/README.md \
	CHANGELOG.md,$(docdir)/CHANGELOG.md \
	docs/guide.md,$(docdir)/docs/guide.md \
	docs/troubleshooting.md,$(docdir)/docs/troubleshooting.md \
	$(B)/generated/verdicts.md,$(docdir)/docs/verdicts.md \
	earlybind.conf.example,$(docdir)/earlybind.conf.example
# Directories that belong to earlybind alone, the inner ones first.
OWN_DIRS = $(libexecdir)/earlybind $(docdir)/docs $(docdir) $(DRACUT)
CONFIGURATION = $(sysconfdir)/earlybind.conf

comma := ,
destination = $(DESTDIR)$(lastword $(subst $(comma), ,$(1)))

# $(call install_files,INSTALL COMMAND,SOURCE,DESTINATION...)
define install_files
	@set -e; for pair in $(2); do \
		source=$${pair%%,*} destination=$(DESTDIR)$${pair#*,}; \
		$(INSTALL) -d "$${destination%/*}"; \
		$(1) "$$source" "$$destination"; \
	done
endef

substitute: $(B)/generated/verdict-words
	@set -e; for file in $(TEMPLATES); do \
		mkdir -p "$(SUBSTITUTED)/$${file%/*}"; \
		sed -e 's|@libexecdir@|$(libexecdir)|g' -e 's|@sbindir@|$(sbindir)|g' \
			-e 's|@udevrulesdir@|$(udevrulesdir)|g' \
			-e "s|@verdicts@|$$(paste -sd ' ' $(B)/generated/verdict-words)|" \
			"$$file.in" >"$(SUBSTITUTED)/$$file"; \
	done

# An existing configuration is kept.
install: all substitute
	$(call install_files,$(INSTALL_PROGRAM),$(PROGRAMS))
	$(call install_files,$(INSTALL_DATA),$(DATA))
	@[ -e "$(DESTDIR)$(CONFIGURATION)" ] || { $(INSTALL) -d "$(DESTDIR)$(sysconfdir)" && \
		$(INSTALL_DATA) earlybind.conf.example "$(DESTDIR)$(CONFIGURATION)"; }

# A modified configuration is kept.
uninstall:
	rm -f $(foreach pair,$(PROGRAMS) $(DATA),$(call destination,$(pair)))
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

# Unit tests run under the sanitizers; the first error ends the test.
UNIT_CFLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
UNIT_OBJ := $(UNIT_LIB:%.c=$(B)/unit/%.o)
UNIT_TESTS := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)

$(eval $(call compile,unit,$$(CC) $$(UNIT_CFLAGS) -Itests/unit,$(UNIT_LIB) $(UNIT_SRC) tests/hosts/run-binder.c))

$(UNIT_TESTS): $(B)/unit/%: $(B)/unit/tests/unit/%.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(UNIT_CFLAGS) -o $@ $^ -lcmocka

# The binder on a machine of tests/hosts and the fake kernel.
RUN_BINDER := $(B)/unit/run-binder

$(RUN_BINDER): $(B)/unit/tests/hosts/run-binder.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(UNIT_CFLAGS) -o $@ $^

.SECONDARY:

unit-tests: $(UNIT_TESTS)

check-unit: $(UNIT_TESTS)
	@tests/run-unit $(UNIT_TESTS)

# Coverage of the unit tests, for tests/coverage/run.
COVERAGE_CFLAGS := -O0 -g -fprofile-instr-generate -fcoverage-mapping
COVERAGE_OBJ := $(UNIT_LIB:%.c=$(B)/coverage/%.o)

$(eval $(call compile,coverage,clang $$(COVERAGE_CFLAGS) -Itests/unit,$(UNIT_LIB) $(UNIT_SRC)))

$(UNIT_SRC:%.c=$(B)/coverage/%): $(B)/coverage/%: $(B)/coverage/%.o $(COVERAGE_OBJ)
	$(call say,LINK,$@)
	$(Q)clang $(COVERAGE_CFLAGS) -o $@ $^ -lcmocka

# One fuzzer for each parser. `FUZZ_SECONDS=600 make fuzz` is a long run.
FUZZ_CFLAGS := -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_LIB := $(CORE_SRC) $(sort $(wildcard src/tool/host/*.c))
FUZZ_OBJ := $(FUZZ_LIB:%.c=$(B)/fuzz/%.o)
FUZZERS := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)

$(eval $(call compile,fuzz,clang $$(FUZZ_CFLAGS) $$(TOOL_CFLAGS) -Itests/fuzz,$(FUZZ_LIB) $(FUZZ_SRC)))

$(FUZZERS): $(B)/fuzz/%: $(B)/fuzz/tests/fuzz/%.o $(FUZZ_OBJ)
	$(call say,LINK,$@)
	$(Q)clang $(FUZZ_CFLAGS) -o $@ $^ $(TOOL_LDLIBS)

fuzz: $(FUZZERS)
	@tests/fuzz/run $(B)

# Fault injection: on the fake kernel each system call of the binder fails once, kills it once and hangs once.
FAULTS_SRC := $(sort $(wildcard tests/fault-injection/*.c)) tests/unit/fake_kernel.c \
	$(sort $(wildcard src/base/*.c src/system/*.c))
FAULTS_OBJ := $(FAULTS_SRC:%.c=$(B)/faults/%.o)

$(eval $(call compile,faults,$$(CC) $$(CFLAGS) -Itests/unit -Itests/fault-injection,$(FAULTS_SRC)))

$(B)/faults/faults: $(FAULTS_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) -o $@ $^

faults: $(B)/faults/faults $(B)/earlybind-boot.klibc
	@tests/fault-injection/run $(B)

# The whole test suite: unit tests, builds, golden outputs, images and real boots. Missing packages are installed first.
check: packages
	@$(MAKE) --no-print-directory WERROR=1 all
	@tests/check

# One part of the suite, by its name in tests/check.
check-%: all
	@tests/check $*

# Boots every release with every initramfs generator and every IOMMU, for each architecture, and prints the tables.
check-qemu-all: packages
	@$(MAKE) --no-print-directory packages-to-emulate
	@qemu-test/run --matrix

demo: packages-to-demo
	@qemu-test/demo

# --- Debian packages that building and testing need ---

BUILD_PACKAGES := gcc libc6-dev linux-libc-dev binutils libklibc-dev pkg-config libkmod-dev libpci-dev libsmartcols-dev \
	libmount-dev libblkid-dev libarchive-dev
# No build-essential: a build needs no more of it than BUILD_PACKAGES names.
DEB_PACKAGES := debhelper dpkg-dev
PACKAGING_PACKAGES := $(DEB_PACKAGES) rpm
BOOT_PACKAGES := qemu-system-x86 mmdebstrap e2fsprogs cpio jq
ARM64_PACKAGES := qemu-system-arm qemu-efi-aarch64 ipxe-qemu gcc-aarch64-linux-gnu libc6-dev-arm64-cross
# For test roots of another architecture, whose programs run under an emulator.
EMULATE_PACKAGES := qemu-user-static binfmt-support arch-test
TEST_PACKAGES := musl-tools clang clang-format clang-tidy llvm libclang-rt-dev libcmocka-dev shellcheck cppcheck zstd kmod \
	xz-utils mandoc initramfs-tools-core bash-completion zsh fish lintian rpmlint

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

# The packages that a SYSROOT must hold: the libraries among them, one a line.
print-sysroot-packages:
	@printf '%s\n' $(filter %-dev,$(BUILD_PACKAGES))

clean:
	rm -rf $(B)

FORCE:
.PHONY: FORCE all generated deb rpm install uninstall substitute unit-tests fuzz faults check check-unit check-qemu-all demo packages \
	packages-to-build packages-to-package packages-to-demo packages-to-emulate print-sysroot-packages print-tool-cflags clean
