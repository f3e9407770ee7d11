# SPDX-License-Identifier: GPL-2.0-or-later
# earlybind: hands PCI devices to VFIO before any other driver can touch them.

VERSION := 0.1.0

# What the binder is linked with: klibc, musl or glibc, always statically.
LIBC ?= $(if $(shell command -v klcc),klibc,glibc)

prefix ?= /usr/local
exec_prefix ?= $(prefix)
sbindir ?= $(exec_prefix)/sbin
libexecdir ?= $(exec_prefix)/libexec
datadir ?= $(prefix)/share
docdir ?= $(datadir)/doc/earlybind
# initramfs-tools looks nowhere else.
initramfstoolsdir ?= /usr/share/initramfs-tools
dracutmodulesdir ?= $(or $(shell $(PKG_CONFIG) --variable=dracutmodulesdir dracut 2>/dev/null),/usr/lib/dracut/modules.d)
# Part of the systemd or eudev that is there, wherever earlybind itself goes.
udevrulesdir ?= $(or $(shell $(PKG_CONFIG) --variable=udevdir udev 2>/dev/null),/usr/lib/udev)/rules.d
INSTALL ?= install

CC ?= cc
PKG_CONFIG ?= pkg-config
WARNINGS := -Wall -Wextra -Werror
ALL_CFLAGS = -std=gnu11 $(WARNINGS) -Isrc -D_GNU_SOURCE -DEARLYBIND_VERSION='"$(VERSION)"' -MMD -MP
CFLAGS ?= -O2 -g

B := build
BOOT := $(B)/earlybind-boot
TOOL := $(B)/earlybind

# Stages in the order in which data passes them.
CORE_SRC := $(sort $(wildcard src/base/*.c src/door/*.c src/config/*.c src/machine/*.c src/decide/*.c src/survey/*.c \
	src/bind/*.c src/report/*.c))
BOOT_SRC := $(CORE_SRC) $(sort $(wildcard src/boot/*.c))
TOOL_SRC := $(CORE_SRC) $(sort $(wildcard src/tool/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_LIB := $(CORE_SRC) $(filter-out src/boot/main.c,$(sort $(wildcard src/boot/*.c))) $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c))

# One line a command; V=1 shows the commands themselves.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2))

all: $(BOOT) $(TOOL)

# --- the binder ---

# musl-gcc keeps to musl's own headers; the kernel's are found behind them.
KERNEL_HEADERS = -idirafter /usr/include -idirafter /usr/include/$(shell $(CC) -print-multiarch)
BOOT_CC_klibc := klcc
BOOT_CC_musl = musl-gcc $(KERNEL_HEADERS)
BOOT_CC_glibc = $(CC)
# Across to arm64: KLIBC_ARM64 is a folder with that architecture's libklibc-dev and linux-libc-dev in it.
BOOT_CC_klibc-arm64 = $(B)/klcc-arm64
BOOT_STRIP_klibc-arm64 := aarch64-linux-gnu-strip
BOOT_FLAVOURS := klibc musl glibc klibc-arm64
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
	$(Q)$$(or $(BOOT_STRIP_$(1)),strip) --strip-all -R .comment -R '.note*' $$@
	@printf '%s: %d bytes, static, %s\n' $$@ "$$$$(stat -c %s $$@)" $(1)

endef
$(foreach flavour,$(BOOT_FLAVOURS),$(eval $(call boot_rules,$(flavour))))
-include $(foreach flavour,$(BOOT_FLAVOURS),$(patsubst %.o,%.d,$(call boot_objects,$(flavour))))

# klcc is a script that holds the places of its own architecture's klibc.
$(B)/klcc-arm64: $(KLIBC_ARM64)/usr/bin/klcc
	$(if $(KLIBC_ARM64),,$(error KLIBC_ARM64 is not set))
	@mkdir -p $(@D)
	@sed 's,\\/usr\\/lib\\/klibc,$(abspath $(KLIBC_ARM64))/usr/lib/klibc,g' $< >$@.new && chmod 755 $@.new && mv $@.new $@
$(call boot_objects,klibc-arm64): $(B)/klcc-arm64

$(BOOT): $(B)/earlybind-boot.$(LIBC)
	@cp $< $@

# --- the tool ---

TOOL_LIBS := libkmod
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

# --- what is installed ---

SUBSTITUTE = sed -e 's|@libexecdir@|$(libexecdir)|g' -e 's|@sbindir@|$(sbindir)|g' \
	-e 's|@udevrulesdir@|$(udevrulesdir)|g'

DRACUT := $(DESTDIR)$(dracutmodulesdir)/50earlybind
INITRAMFS_TOOLS := $(DESTDIR)$(initramfstoolsdir)
UDEV_RULES := $(DESTDIR)$(udevrulesdir)

install: all
	$(INSTALL) -d $(DESTDIR)$(sbindir) $(DESTDIR)$(libexecdir)/earlybind $(DESTDIR)$(docdir) \
		$(INITRAMFS_TOOLS)/hooks $(INITRAMFS_TOOLS)/scripts/init-top $(DRACUT) \
		$(UDEV_RULES)
	$(INSTALL) -m 755 $(TOOL) $(DESTDIR)$(sbindir)/earlybind
	$(INSTALL) -m 755 $(BOOT) $(DESTDIR)$(libexecdir)/earlybind/earlybind-boot
	$(INSTALL) -m 644 README.md earlybind.conf.example $(DESTDIR)$(docdir)
	$(SUBSTITUTE) udev/75-earlybind.rules.in >$(UDEV_RULES)/75-earlybind.rules
	$(SUBSTITUTE) initramfs-tools/hook.in >$(INITRAMFS_TOOLS)/hooks/earlybind
	$(SUBSTITUTE) initramfs-tools/init-top.in >$(INITRAMFS_TOOLS)/scripts/init-top/earlybind
	$(SUBSTITUTE) dracut-module/module-setup.sh.in >$(DRACUT)/module-setup.sh
	$(SUBSTITUTE) dracut-module/earlybind.service.in >$(DRACUT)/earlybind.service
	$(SUBSTITUTE) dracut-module/start-earlybind.sh.in >$(DRACUT)/start-earlybind.sh
	$(INSTALL) -m 644 dracut-module/wait-for-earlybind.conf $(DRACUT)
	chmod 755 $(INITRAMFS_TOOLS)/hooks/earlybind $(INITRAMFS_TOOLS)/scripts/init-top/earlybind \
		$(DRACUT)/module-setup.sh $(DRACUT)/start-earlybind.sh

uninstall:
	rm -f $(DESTDIR)$(sbindir)/earlybind $(UDEV_RULES)/75-earlybind.rules \
		$(INITRAMFS_TOOLS)/hooks/earlybind $(INITRAMFS_TOOLS)/scripts/init-top/earlybind
	rm -rf $(DESTDIR)$(libexecdir)/earlybind $(DESTDIR)$(docdir) $(DRACUT)

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

-include $(UNIT_OBJ:.o=.d) $(UNIT_SRC:%.c=$(B)/unit/%.d)
.SECONDARY:

unit-tests: $(UNIT_TESTS)

check-unit: $(UNIT_TESTS)
	@tests/run-unit $(UNIT_TESTS)

# Everything: units, builds, golden outputs, images and real boots. Installs what is missing.
check: packages
	@$(MAKE) --no-print-directory all
	@tests/check

# One part of it: compilers, unit, binder, tool, scripts, image, dracut, qemu or arm64.
check-%: all
	@tests/check $*

# Every release, initramfs generator and IOMMU against every other, and arm64's; ends with the table.
check-qemu-all: packages
	@$(MAKE) --no-print-directory all
	@qemu-test/run --matrix

demo: packages-to-demo
	@$(MAKE) --no-print-directory all
	@qemu-test/demo

# --- Debian packages for all of this ---

BUILD_PACKAGES := gcc libc6-dev linux-libc-dev binutils libklibc-dev pkg-config libkmod-dev
BOOT_PACKAGES := qemu-system-x86 mmdebstrap e2fsprogs
ARM64_PACKAGES := qemu-system-arm qemu-efi-aarch64 ipxe-qemu gcc-aarch64-linux-gnu libc6-dev-arm64-cross
TEST_PACKAGES := musl-tools clang libclang-rt-dev libcmocka-dev shellcheck cpio zstd kmod xz-utils linux-headers-amd64

packages:
	@tests/get-packages $(BUILD_PACKAGES) $(BOOT_PACKAGES) $(ARM64_PACKAGES) $(TEST_PACKAGES)

packages-to-build:
	@tests/get-packages $(BUILD_PACKAGES)

packages-to-demo:
	@tests/get-packages $(BUILD_PACKAGES) $(BOOT_PACKAGES)

clean:
	rm -rf $(B)

.PHONY: all install uninstall unit-tests check check-unit check-qemu-all demo packages packages-to-build packages-to-demo clean
