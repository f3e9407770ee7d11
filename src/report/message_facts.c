/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of each verdict on a device: one function and one row of the table each. */
#include <errno.h>
#include <string.h>

#include "base/errno_name.h"
#include "base/array.h"
#include "decide/protection.h"
#include "decide/rescue.h"
#include "decide/verify.h"
#include "generated/device_facts.h"
#include "report/message.h"
#include "report/message_parts.h"

/* For a participle: "left alone" in the boot log, "will be left alone" in a prediction. */
static const char *will_be(const struct subject *s)
{
	return s->tense == TENSE_FUTURE ? "will be " : "";
}

/* efifb heeds a parameter of its own; for the others the firmware's framebuffer must not be registered. */
static void add_framebuffer(const struct subject *s, struct linebuf *line)
{
	const char *name = s->decision->machine.platform.framebuffer.name;

	linebuf_add(line, "the firmware's framebuffer (");
	add_name(line, name);
	linebuf_add(line, ") %s in its memory, which QEMU cannot map then; add %s to the kernel command line",
		    s->tense == TENSE_FUTURE ? "will stay" : "is",
		    !strcmp(name, "efifb") ? "video=efifb:off" : "initcall_blacklist=sysfb_init");
}

static void add_console_lost(const struct subject *s, struct linebuf *line)
{
	const struct framebuffer *framebuffer = &s->decision->machine.platform.framebuffer;

	linebuf_add(line, "binding it %s the host console", s->tense == TENSE_FUTURE ? "will end" : "has ended");
	if (framebuffer->owned)
		linebuf_add(line, " on %s", address_name(framebuffer->owner).at);
	linebuf_add(line, " until a driver of that display is loaded");
}

static void add_not_verified(const struct group *group, struct linebuf *line)
{
	linebuf_add(line, "not verified through VFIO");
	if (!group)
		return;
	if (trial_needs_open(&group->trial))
		linebuf_add(line, " (with iommufd only a guest that opens the device shows it)");
	else if (group->trial.error)
		linebuf_add(line, " (%s)",
			    group->trial.error == EBUSY ? "in use already" : errno_name(group->trial.error));
}

void add_note_facts(const struct subject *s, enum verdict note, struct linebuf *line)
{
	switch (note) {
	case V_TAKEN_OVER:
		linebuf_add(line, "%staken over from ", will_be(s));
		add_name(line, s->claim->previous_driver);
		break;
	case V_NEIGHBOUR_UNBOUND:
		linebuf_add(line, "group shared with a device without a driver");
		break;
	case V_NO_RESET:
		linebuf_add(line, "the kernel has no method to reset it");
		break;
	case V_BOOT_DISPLAY:
		linebuf_add(line, s->decision->machine.platform.no_display
					  ? "the host keeps no display"
					  : "this is the boot display: the host console on it ends");
		break;
	case V_FIRMWARE_FRAMEBUFFER:
		add_framebuffer(s, line);
		break;
	case V_CONSOLE_LOST:
		add_console_lost(s, line);
		break;
	case V_NOT_VERIFIED:
		add_not_verified(s->group, line);
		break;
	case V_DRIVER_FALLBACK:
		linebuf_add(line, "instead of ");
		add_name(line, s->claim->variant ? s->claim->variant : "a better driver");
		linebuf_add(line, ", which %s be loaded (%s)", s->tense == TENSE_FUTURE ? "cannot" : "could not",
			    errno_name(s->claim->outcome.variant_error));
		break;
	default:
		break;
	}
}

static void facts_ready(const struct subject *s, struct linebuf *line)
{
	add_name(line, s->device->driver);
	if (s->group)
		linebuf_add(line, ", group %u", s->group->number);
	linebuf_add(line, ", reset ");
	add_name(line, s->device->reset[0] ? s->device->reset : "none");
	for (enum verdict v = V_FIRST_NOTE; v <= V_LAST_NOTE; v++) {
		/* "reset none" is the whole note. */
		if (v == V_NO_RESET || !(s->claim->notes & NOTE(v)))
			continue;
		linebuf_add(line, ", ");
		add_note_facts(s, v, line);
	}
}

static void facts_other_device(const struct subject *s, struct linebuf *line)
{
	const struct identity *id = &s->device->identity;

	const struct identity subsystem = { .vendor = id->subvendor, .device = id->subdevice };
	const struct selector *check = &s->rule->selector;
	bool any_id = id_pattern_is_any(&check->id);

	linebuf_add(line, "%sleft alone: found %s (subsystem %s, class %06x), expected %s", will_be(s),
		    identity_name(*id).at, identity_name(subsystem).at, (unsigned)id->class, any_id ? "" : "id=");
	if (!any_id)
		id_pattern_format(&check->id, line);
	if (check->class.mask) {
		linebuf_add(line, "%sclass=", any_id ? "" : " ");
		class_pattern_format(&check->class, line);
	}
}

static void facts_skipped(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "%sleft alone: a skip line names it", will_be(s));
}

static void facts_unreadable(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "%sleft alone: its modalias in /sys cannot be read (%s)", will_be(s),
		    errno_name(s->device->error));
}

const char *message_kind(const struct device *device)
{
	if (device_is_bridge(device))
		return "a bridge";
	if (device_is_host_bridge(device))
		return "a host bridge";
	return strcmp(device->driver, PORT_DRIVER) ? "an IOMMU" : "a part of the PCIe port driver";
}

static void facts_bridge(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "%sleft alone: %s cannot be assigned to a guest (class %06x)", will_be(s),
		    message_kind(s->device), (unsigned)s->device->identity.class);
}

/* What the plan's text in parentheses completes. */
static const char *const need_sentences[] = {
	[NEED_ROOT] = "the host depends on %s",
	[NEED_MOUNT] = "the boot waits for %s",
	[NEED_NETWORK] = "the host needs %s for its network",
	[NEED_KEYBOARD] = "the host needs %s for a passphrase at boot",
	[NEED_UNKNOWN] = "the host may depend on %s, as on any storage controller",
};

void message_need(const struct plan_need *need, bool moved, struct linebuf *line)
{
	linebuf_add(line, need_sentences[need->kind], moved ? "a device of this ID" : "it");
	linebuf_add(line, " (");
	linebuf_add_escaped(line, slice_of(need->what), PLAN_WHAT_SIZE);
	linebuf_add(line, ")");
	if (moved)
		linebuf_add(line, ", which is no longer at %s", address_name(need->address).at);
}

static void facts_needed_by_host(const struct subject *s, struct linebuf *line)
{
	bool moved;
	const struct plan_need *need = protection_find(&s->decision->plan, &s->decision->machine, s->device, &moved);

	if (!need)
		return;
	linebuf_add(line, "%sleft alone: ", will_be(s));
	message_need(need, moved, line);
	if (moved)
		linebuf_add(line, "; regenerate the initramfs");
}

static void facts_physical_function(const struct subject *s, struct linebuf *line)
{
	const struct decision *d = s->decision;
	const struct rule *rule = match_functions(&d->config, &d->machine.platform, s->device);

	linebuf_add(line, "%sleft to its own driver, which creates the virtual functions", will_be(s));
	if (!rule)
		return;
	linebuf_add(line, rule == s->rule ? " that this line names, too" : " that ");
	if (rule == s->rule)
		return;
	linebuf_add_escaped(line, rule->selector_text, NAME_SHOWN);
	linebuf_add(line, " names");
}

static void facts_left_bound(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "%sleft bound to ", will_be(s));
	add_name(line, s->device->driver);
	linebuf_add(line, " because of leave-bound");
}

static void facts_neighbour_in_use(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "%sleft bound to ", will_be(s));
	add_name(line, s->device->driver);
	linebuf_add(line, ": it was in use before the device whose line has the option group appeared");
}

void add_rescued(struct linebuf *line, const struct device *device, const char *taken, enum carrier carrier,
		 enum rescue_reason reason)
{
	if (reason == RESCUED_KEYBOARD)
		linebuf_add(line, "a passphrase was asked for, and no keyboard was found within %d s: ",
			    RESCUE_KEYBOARD_AFTER);
	else
		linebuf_add(line, "no root device within %d s, and %s could carry it: ",
			    reason == RESCUED_ROOT_LATE ? RESCUE_LATE_AFTER : RESCUE_AFTER,
			    rescue_carrier_name(carrier));
	if (device->driver[0] && !strcmp(device->driver, taken)) {
		add_name(line, taken);
		linebuf_add(line, " did not release the device");
	} else if (device->driver[0]) {
		linebuf_add(line, "restored to ");
		add_name(line, device->driver);
	} else {
		linebuf_add(line, "released, no driver has it yet");
	}
}

static void facts_rescued(const struct subject *s, struct linebuf *line)
{
	struct slice cmdline = slice_of(s->decision->machine.platform.cmdline);
	enum carrier carrier = rescue_carrier(&s->device->identity, rescue_network_boot(cmdline));

	if (s->claim->rescued)
		add_rescued(line, s->device, claim_driver(&s->decision->config, s->claim), carrier, s->claim->rescued);
	else
		linebuf_add(line, "left alone: the root device was missing in this boot, and %s could carry it",
			    rescue_carrier_name(carrier));
}

static void facts_no_iommu(const struct subject *s, struct linebuf *line)
{
	(void)s;
	linebuf_add(line, "no guest can use the device: no IOMMU is active");
}

static void facts_not_behind_iommu(const struct subject *s, struct linebuf *line)
{
	(void)s;
	linebuf_add(line, "no guest can use the device: the active IOMMU does not cover it");
}

static void facts_out_of_memory(const struct subject *s, struct linebuf *line)
{
	(void)s;
	linebuf_add(line, "not handled: memory ran out in the initramfs");
}

static void facts_no_iommu_mode(const struct subject *s, struct linebuf *line)
{
	(void)s;
	linebuf_add(line, "no guest can use the device: VFIO has it in no-IOMMU mode, which isolates nothing");
}

static void facts_vanished(const struct subject *s, struct linebuf *line)
{
	(void)s;
	linebuf_add(line, "the device disappeared while it was being bound");
}

static void facts_driver_hung(const struct subject *s, struct linebuf *line)
{
	/* The driver link goes before a driver's remove is called, and comes before the next one's probe is. */
	if (s->claim->outcome.failed == STEP_PARK) {
		linebuf_add(line, "write to driver_override");
	} else if (s->claim->previous_driver[0] &&
		   strcmp(s->device->driver, claim_driver(&s->decision->config, s->claim)) != 0) {
		linebuf_add(line, "unbind from ");
		add_name(line, s->claim->previous_driver);
	} else {
		linebuf_add(line, "bind");
	}
	if (s->claim->error == ECHILD)
		linebuf_add(line, " did not finish: its process was killed");
	else
		linebuf_add(line, " timed out after %u s", s->decision->config.settings.timeout);
	linebuf_add(line, "; left alone from now on");
}

static void facts_unbind_failed(const struct subject *s, struct linebuf *line)
{
	add_name(line, s->claim->previous_driver);
	linebuf_add(line, " did not release the device (%s)",
		    s->claim->error ? errno_name(s->claim->error) : "it is still bound");
}

static void facts_module_missing(const struct subject *s, struct linebuf *line)
{
	const char *driver = claim_driver(&s->decision->config, s->claim);
	const struct plan *plan = &s->decision->plan;
	const struct plan_module *module = plan_find_driver(plan, driver);

	/* The name of the module has underscores. */
	if (module && module->kind == PLAN_MISSING) {
		linebuf_add(line, "kernel ");
		add_name(line, plan->kernel);
		linebuf_add(line, " has no module %s", module->name);
		return;
	}
	linebuf_add(line, "the driver %s is neither built into the kernel nor a module in the image", driver);
}

struct why {
	int error;
	const char *why;
};

/* What ERROR means, or OTHERWISE. */
static const char *find_why(const struct why *whys, size_t n, int error, const char *otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (whys[i].error == error)
			return whys[i].why;
	return otherwise;
}

static void facts_module_refused(const struct subject *s, struct linebuf *line)
{
	static const struct why whys[] = {
		{ EKEYREJECTED, "its signature is missing or not trusted: sign it or disable Secure Boot" },
		{ ENOKEY, "its signature is not trusted: sign it or disable Secure Boot" },
		{ EPERM, "lockdown or kernel.modules_disabled forbids it" },
		{ ENOEXEC, "it was built for another kernel: regenerate the initramfs" },
		{ EOPNOTSUPP, "the kernel cannot decompress it" },
		{ E2BIG, "its options are longer than 2 KiB" },
		{ ETIMEDOUT, "loading it timed out" },
	};

	linebuf_add(line, "the kernel refused a module of %s (%s): %s", claim_driver(&s->decision->config, s->claim),
		    errno_name(s->claim->error), find_why(whys, COUNT_OF(whys), s->claim->error, "see the kernel log"));
}

static void facts_bind_failed(const struct subject *s, struct linebuf *line)
{
	static const struct why whys[] = {
		{ EINVAL, "it has no usable IOMMU, or is not an endpoint" },
		{ EBUSY, "it has virtual functions enabled, or is in use" },
		{ EAGAIN, "the driver waits for another one, such as the IOMMU's" },
		{ ENODEV, "the driver does not support this device" },
	};
	const char *driver = claim_driver(&s->decision->config, s->claim);
	const char *why = find_why(whys, COUNT_OF(whys), s->claim->error, "see the kernel log");

	if (s->claim->outcome.failed == STEP_PARK)
		linebuf_add(line, "its driver_override cannot be written (%s)", errno_name(s->claim->error));
	else if (s->claim->error)
		linebuf_add(line, "%s refused the device (%s): %s", driver, errno_name(s->claim->error), why);
	else if (!s->device->driver[0])
		linebuf_add(line, "%s did not bind the device: %s", driver, why);
	else {
		linebuf_add(line, "%s did not bind the device: it is bound to ", driver);
		add_name(line, s->device->driver);
	}
}

#define NEIGHBOURS_SHOWN 4

/* The group's members that make it unviable. */
struct neighbours {
	unsigned n;
	const struct device *last;
	const struct device *host;  /* one that the host depends on, or NULL */
	const struct device *maker; /* the controller whose driver creates the device's bus, as a VMD does, or NULL */
	const struct device *fixed; /* one that cannot be assigned, or NULL */
	const struct device *board; /* one that belongs to the board, or NULL */
	bool claimed;		    /* a line of the configuration has one, or will */
};

static bool lies_behind(const struct device *device, const struct device *other)
{
	for (unsigned i = 0; i + 1 < device->n_chain; i++)
		if (address_compare(device->chain[i], other->address) == 0)
			return true;
	return false;
}

static void note_neighbour(const struct subject *s, size_t index, struct neighbours *found)
{
	const struct machine *machine = &s->decision->machine;
	const struct device *other = &machine->devices[index];
	bool moved;

	found->n++;
	found->last = other;
	if (protection_find(&s->decision->plan, machine, other, &moved))
		found->host = other;
	if (!device_is_bridge(other) && lies_behind(s->device, other))
		found->maker = other;
	if (!device_is_endpoint(other))
		found->fixed = other;
	else if (device_is_of_board(other))
		found->board = other;
	/* Or will: of functions that are plugged in together each gets a run of its own. */
	found->claimed |= matches_find(&s->decision->matches, index) || match_names(&s->decision->config, other);
}

/* "nouveau", or what is known of the driver that OTHER will get. */
static void add_neighbour_driver(const struct subject *s, const struct device *other, struct linebuf *line)
{
	const struct decision *d = s->decision;
	const struct plan_driver *known = verify_prospect(&d->plan, &d->machine.platform, other);

	if (other->driver[0]) {
		add_name(line, other->driver);
	} else if (known && known->driver[0]) {
		linebuf_add(line, "will get ");
		add_name(line, known->driver);
	} else {
		linebuf_add(line, s->tense == TENSE_FUTURE ? "may get a driver" : "no driver yet");
	}
}

/* How to keep the driver off OTHER, so that the group can be assigned without it. */
static void add_keep_off(const struct subject *s, const struct device *other, struct linebuf *line)
{
	const struct decision *d = s->decision;
	const struct plan_driver *known = verify_prospect(&d->plan, &d->machine.platform, other);

	if (known && known->modules[0] && !strchr(known->modules, '-')) {
		linebuf_add(line, "blacklist ");
		add_name(line, known->modules);
		linebuf_add(line, " in modprobe.d");
	} else {
		linebuf_add(line, "keep its driver off it");
	}
}

/* Write those that make the group unviable, and note in FOUND what they are. */
static void add_neighbours(const struct subject *s, struct linebuf *line, struct neighbours *found)
{
	const struct machine *machine = &s->decision->machine;
	const char *between = " also holds ";

	for (size_t i = 0; i < machine->n_devices; i++) {
		const struct device *other = &machine->devices[i];

		if (!shares_group(machine, s->device, other) ||
		    verify_neighbour(&s->decision->plan, &machine->platform, other) < NEIGHBOUR_UNBOUND)
			continue;
		note_neighbour(s, i, found);
		if (found->n > NEIGHBOURS_SHOWN)
			continue;
		linebuf_add(line, "%s%s (", between, address_name(other->address).at);
		add_neighbour_driver(s, other, line);
		linebuf_add(line, ")");
		between = ", ";
	}
	if (found->n > NEIGHBOURS_SHOWN)
		linebuf_add(line, " and %u more", found->n - NEIGHBOURS_SHOWN);
}

static void facts_group_shared(const struct subject *s, struct linebuf *line)
{
	struct neighbours found = { .claimed = s->rule->group };

	if (!s->group)
		return;
	linebuf_add(line, "group %u", s->group->number);
	add_neighbours(s, line, &found);
	if (!found.n)
		linebuf_add(line,
			    " is not viable: the host uses another of its devices; release that device or move the "
			    "card");
	else if (found.maker)
		linebuf_add(line, "; the driver of %s creates its bus, so it cannot be assigned separately",
			    address_name(found.maker->address).at);
	else if (found.host)
		linebuf_add(line, "; the host depends on %s, so move the card", address_name(found.host->address).at);
	else if (found.fixed) {
		linebuf_add(line, "; %s cannot be assigned: ", address_name(found.fixed->address).at);
		add_keep_off(s, found.fixed, line);
		linebuf_add(line, ", or move the card");
	} else if (found.claimed)
		linebuf_add(line, "; the configuration names %s: resolve why %s not ready, or move the card",
			    found.n == 1 ? "it" : "them", found.n == 1 ? "it is" : "they are");
	else if (found.n == 1)
		linebuf_add(line, "; add %s or the option group, or move the card",
			    address_name(found.last->address).at);
	else
		linebuf_add(line, "; add them or the option group, or move the card");
	if (found.board && !found.maker && !found.host && !found.fixed && !found.claimed) {
		linebuf_add(line, "; %s belongs to the board: rather ", address_name(found.board->address).at);
		add_keep_off(s, found.board, line);
	}
}

static void facts_not_vfio(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "%sbound to ", will_be(s));
	add_name(line, s->device->driver);
	linebuf_add(line, " as this line requests, which is not a VFIO driver: no guest can use the device");
}

static void facts_group_unreadable(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "%sbound, but the members of group %u cannot be read (%s)", will_be(s),
		    s->group ? s->group->number : 0, errno_name(s->group ? s->group->error : 0));
}

static void facts_other_group(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line,
		    "%srestored to its native driver: it is not in the group of the device whose line has the "
		    "option group",
		    will_be(s));
}

static void facts_no_interrupt_remapping(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "%sbound, but no guest can use the device: the platform does not remap interrupts",
		    will_be(s));
}

static void facts_iommu_unsupported(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "%sbound, but not verified: earlybind does not support this platform's IOMMU (sPAPR TCE)",
		    will_be(s));
}

static void facts_group_error(const struct subject *s, struct linebuf *line)
{
	unsigned number = s->group ? s->group->number : 0;

	/* If nothing was tried, no error told it. */
	if (s->claim->verdict == V_RESERVED_MEMORY && !s->claim->error)
		linebuf_add(line, "%sbound, but the kernel will not attach group %u", will_be(s), number);
	else
		linebuf_add(line, "%sbound, but group %u cannot be attached (%s)", will_be(s), number,
			    s->claim->error ? errno_name(s->claim->error) : "refused");
	if (s->claim->verdict == V_TYPE1_MISSING)
		linebuf_add(line, ": vfio_iommu_type1 is missing");
	else if (s->claim->verdict == V_RESERVED_MEMORY)
		linebuf_add(line, ": the firmware reserves memory for the device (RMRR)");
}

/* One for each verdict on a device; verdicts.txt may name the same function for several. */
static void (*const device_facts[])(const struct subject *s, struct linebuf *line) = { DEVICE_FACTS };

/* The one end in which a device is left without the driver that it had. */
static void add_restore_error(const struct subject *s, struct linebuf *line)
{
	bool no_driver = s->decision->config.settings.on_failure == ON_FAILURE_NO_DRIVER;

	/* What is gone cannot be restored, and need not be. */
	if (s->claim->outcome.restore_error && s->claim->verdict != V_VANISHED)
		linebuf_add(line, "; it could not be %s (%s)",
			    no_driver ? "kept without a driver" : "restored to its native driver",
			    errno_name(s->claim->outcome.restore_error));
}

void add_claim_facts(const struct subject *s, struct linebuf *line, const char *between)
{
	enum verdict verdict = s->claim->verdict;

	if (verdict < V_FIRST_DEVICE || verdict > V_LAST_DEVICE)
		return;
	linebuf_add(line, "%s", between);
	device_facts[verdict - V_FIRST_DEVICE](s, line);
	add_restore_error(s, line);
}
