/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts behind each verdict on a device: one function and one row of the table each. */
#include <errno.h>
#include <string.h>

#include "base/errno_name.h"
#include "base/array.h"
#include "decide/protection.h"
#include "decide/rescue.h"
#include "decide/verify.h"
#include "report/message.h"
#include "report/message_parts.h"

static void notes_text(const struct subject *s, struct linebuf *line)
{
	notes_t notes = s->claim->notes;

	if (notes & NOTE(V_TAKEN_OVER)) {
		linebuf_add(line, ", taken over from ");
		add_name(line, s->claim->previous_driver);
	}
	if (notes & NOTE(V_NEIGHBOUR_UNBOUND))
		linebuf_add(line, ", group shared with a device without a driver");
	if (notes & NOTE(V_BOOT_DISPLAY))
		linebuf_add(line, ", was the firmware's display: the console may stay dark");
	if (notes & NOTE(V_NOT_VERIFIED))
		linebuf_add(line, ", not tried through VFIO");
	if (notes & NOTE(V_NOT_VERIFIED) && s->group && s->group->trial.step == TRIAL_NOT_MADE && s->group->trial.error)
		linebuf_add(line, " (%s)", errno_name(s->group->trial.error));
	if (notes & NOTE(V_DRIVER_FALLBACK)) {
		linebuf_add(line, ", although there is ");
		add_name(line, s->claim->variant ? s->claim->variant : "a better driver");
		linebuf_add(line, " for it, which could not be loaded (%s)",
			    errno_name(s->claim->outcome.variant_error));
	}
}

static void facts_ready(const struct subject *s, struct linebuf *line)
{
	add_name(line, s->device->driver);
	if (s->group)
		linebuf_add(line, ", group %u", s->group->number);
	linebuf_add(line, ", reset ");
	add_name(line, s->device->reset[0] ? s->device->reset : "none");
	notes_text(s, line);
}

static void add_pattern_part(struct linebuf *line, int32_t part)
{
	if (part == ID_ANY)
		linebuf_add(line, "*");
	else
		linebuf_add(line, "%04x", (unsigned)part);
}

/* The guard as it was meant, as short as it was written. */
static void add_guard(struct linebuf *line, const struct selector *s)
{
	const int32_t parts[] = { s->id.vendor, s->id.device, s->id.subvendor, s->id.subdevice };
	size_t n = s->id.subdevice != ID_ANY ? 4 : s->id.subvendor != ID_ANY ? 3 : 2;
	const char *between = "";

	if (!id_pattern_is_any(&s->id)) {
		for (size_t i = 0; i < n; i++) {
			linebuf_add(line, i ? ":" : "id=");
			add_pattern_part(line, parts[i]);
		}
		between = " ";
	}
	if (s->class.mask)
		linebuf_add(line, "%sclass=%0*x", between,
			    s->class.mask == 0xffffff	? 6
			    : s->class.mask == 0xffff00 ? 4
							: 2,
			    (unsigned)(s->class.value >> (s->class.mask == 0xffffff   ? 0
							  : s->class.mask == 0xffff00 ? 8
										      : 16)));
}

static void facts_other_device(const struct subject *s, struct linebuf *line)
{
	const struct identity *id = &s->device->identity;

	linebuf_add(line, "left alone: %04x:%04x (subsystem %04x:%04x, class %06x) is there, not ", id->vendor,
		    id->device, id->subvendor, id->subdevice, (unsigned)id->class);
	add_guard(line, &s->rule->selector);
}

static void facts_skipped(const struct subject *s, struct linebuf *line)
{
	(void)s;
	linebuf_add(line, "left alone as this line says");
}

static void facts_unreadable(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "left alone: its modalias in /sys cannot be read (%s)", errno_name(s->device->error));
}

static void facts_bridge(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "left alone: a bridge cannot be given to a guest (class %06x)",
		    (unsigned)s->device->identity.class);
}

static void facts_needed(const struct subject *s, struct linebuf *line)
{
	bool moved;
	const struct plan_need *root = protection_find(&s->decision->plan, &s->decision->machine, s->device, &moved);

	if (!root)
		return;
	linebuf_add(line, "left alone: the host stands on ");
	if (moved)
		linebuf_add(line, "what was at %s, of the same ID and not there any more",
			    address_name(root->address).at);
	else
		linebuf_add(line, "it");
	linebuf_add(line, " (");
	linebuf_add_escaped(line, slice_of(root->what), PLAN_WHAT_SIZE);
	linebuf_add(line, ")%s", moved ? "; regenerate the initramfs" : "");
}

static void facts_left_bound(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "left with ");
	add_name(line, s->device->driver);
	linebuf_add(line, " because of leave-bound");
}

static void facts_neighbour_in_use(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "left with ");
	add_name(line, s->device->driver);
	linebuf_add(line, ", which had it before the device came whose line says group");
}

static void facts_rescued(const struct subject *s, struct linebuf *line)
{
	struct slice cmdline = slice_of(s->decision->machine.platform.cmdline);

	linebuf_add(line, "left alone: the root was missing until devices were given back, and %s could carry it",
		    rescue_carrier_name(rescue_carrier(&s->device->identity, rescue_network_boot(cmdline))));
}

static void facts_no_iommu(const struct subject *s, struct linebuf *line)
{
	(void)s;
	linebuf_add(line, "not handed over: no IOMMU is active, see above");
}

static void facts_not_behind(const struct subject *s, struct linebuf *line)
{
	(void)s;
	linebuf_add(line, "not handed over: an IOMMU is active, but not for this device");
}

static void facts_no_iommu_mode(const struct subject *s, struct linebuf *line)
{
	(void)s;
	linebuf_add(line, "only no-IOMMU mode has it, which isolates nothing");
}

static void facts_vanished(const struct subject *s, struct linebuf *line)
{
	(void)s;
	linebuf_add(line, "it disappeared while it was being bound");
}

static void facts_hung(const struct subject *s, struct linebuf *line)
{
	/* The driver link goes before a driver's remove is called, and comes before the next one's probe is. */
	if (s->claim->outcome.failed == STEP_PARK) {
		linebuf_add(line, "writing its driver_override did not come back");
	} else if (s->claim->previous_driver[0] &&
		   strcmp(s->device->driver, claim_driver(&s->decision->config, s->claim)) != 0) {
		add_name(line, s->claim->previous_driver);
		linebuf_add(line, " did not let go");
	} else {
		linebuf_add(line, "binding did not come back");
	}
	if (s->claim->error == ECHILD)
		linebuf_add(line, ": what tried it was killed");
	else
		linebuf_add(line, " within %u s", s->decision->config.settings.timeout);
	linebuf_add(line, "; earlybind stays away from it now");
}

static void facts_unbind_failed(const struct subject *s, struct linebuf *line)
{
	add_name(line, s->claim->previous_driver);
	linebuf_add(line, " did not let go (%s)", s->claim->error ? errno_name(s->claim->error) : "it is still bound");
}

/* What the plan says of the driver's module, whose name has underscores. */
static void add_missing_module(const struct subject *s, struct linebuf *line)
{
	const struct plan *plan = &s->decision->plan;
	const struct plan_module *module = plan_find_driver(plan, claim_driver(&s->decision->config, s->claim));

	if (module && module->kind == PLAN_MISSING) {
		linebuf_add(line, "kernel ");
		add_name(line, plan->kernel);
		linebuf_add(line, " has no module %s", module->name);
		return;
	}
	linebuf_add(line, "the driver %s is neither in this kernel nor a module in the image",
		    claim_driver(&s->decision->config, s->claim));
}

static void facts_module_missing(const struct subject *s, struct linebuf *line)
{
	add_missing_module(s, line);
}

static void facts_module_refused(const struct subject *s, struct linebuf *line)
{
	static const struct {
		int error;
		const char *why;
	} whys[] = {
		{ EKEYREJECTED, "its signature is missing or not trusted: sign it or switch off Secure Boot" },
		{ ENOKEY, "its signature is not trusted: sign it or switch off Secure Boot" },
		{ EPERM, "lockdown or kernel.modules_disabled forbids it" },
		{ ENOEXEC, "it was built for another kernel: regenerate the initramfs" },
		{ EOPNOTSUPP, "the kernel cannot unpack it" },
		{ E2BIG, "its options are longer than 2 KiB" },
		{ ETIMEDOUT, "loading it did not come back in time" },
	};
	const char *why = NULL;

	for (size_t i = 0; i < COUNT_OF(whys); i++)
		if (whys[i].error == s->claim->error)
			why = whys[i].why;
	linebuf_add(line, "the kernel refused a module of %s (%s)", claim_driver(&s->decision->config, s->claim),
		    errno_name(s->claim->error));
	if (why)
		linebuf_add(line, ": %s", why);
}

static void facts_bind_failed(const struct subject *s, struct linebuf *line)
{
	static const struct {
		int error;
		const char *why;
	} whys[] = {
		{ EINVAL, "no usable IOMMU for it, or not an endpoint" },
		{ EBUSY, "it has virtual functions enabled, or something else uses it" },
		{ EAGAIN, "the driver waits for another one, such as that of the IOMMU" },
		{ ENODEV, "the driver does not take this device" },
	};
	const char *why = "the kernel log says more";

	for (size_t i = 0; i < COUNT_OF(whys); i++)
		if (whys[i].error == s->claim->error)
			why = whys[i].why;
	if (s->claim->outcome.failed == STEP_PARK)
		linebuf_add(line, "its driver_override cannot be written (%s)", errno_name(s->claim->error));
	else if (s->claim->error)
		linebuf_add(line, "%s refused it (%s): %s", claim_driver(&s->decision->config, s->claim),
			    errno_name(s->claim->error), why);
	else if (!s->device->driver[0])
		linebuf_add(line, "%s did not take it: %s", claim_driver(&s->decision->config, s->claim), why);
	else {
		linebuf_add(line, "%s did not take it: ", claim_driver(&s->decision->config, s->claim));
		add_name(line, s->device->driver);
		linebuf_add(line, " has it");
	}
}

#define NEIGHBOURS_SHOWN 4

/* The group's members that hinder. */
struct neighbours {
	unsigned n;
	const struct device *last;
	const struct device *host;  /* one that carries the host, or NULL */
	const struct device *maker; /* the controller whose driver makes the device's bus, as a VMD does, or NULL */
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
	/* Or will: of functions that are plugged in together each gets a late session of its own. */
	found->claimed |= matches_find(&s->decision->matches, index) || match_names(&s->decision->config, other);
}

/* Write those that hinder, and note in FOUND what they are. */
static void add_neighbours(const struct subject *s, struct linebuf *line, struct neighbours *found)
{
	const struct machine *machine = &s->decision->machine;
	const char *between = " also holds ";

	for (size_t i = 0; i < machine->n_devices; i++) {
		const struct device *other = &machine->devices[i];

		if (!shares_group(machine, s->device, other) ||
		    verify_neighbour(&machine->platform, other) == NEIGHBOUR_HARMLESS)
			continue;
		note_neighbour(s, i, found);
		if (found->n > NEIGHBOURS_SHOWN)
			continue;
		linebuf_add(line, "%s%s (", between, address_name(other->address).at);
		add_name(line, other->driver[0] ? other->driver : FINDING_NO_DRIVER);
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
			    " is not viable: the host uses another of its devices; release that or move the card");
	else if (found.maker)
		linebuf_add(line, "; the driver of %s makes its bus, so it cannot be given away alone",
			    address_name(found.maker->address).at);
	else if (found.host)
		linebuf_add(line, "; %s carries the host, so move the card", address_name(found.host->address).at);
	else if (found.n == 1 && device_is_bridge(found.last))
		linebuf_add(line, ", a bridge whose driver is in the way; keep that driver off it, or move the card");
	else if (found.claimed)
		linebuf_add(line, ", although the configuration names %s: see what is said of %s, or move the card",
			    found.n == 1 ? "it" : "them", found.n == 1 ? "it" : "them");
	else if (found.n == 1)
		linebuf_add(line, "; add %s, or the option group, or move the card",
			    address_name(found.last->address).at);
	else
		linebuf_add(line, "; add them, or the option group, or move the card");
}

static void facts_not_vfio(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "bound to ");
	add_name(line, s->device->driver);
	linebuf_add(line, " as this line says, which is no driver of VFIO: no guest can have it through VFIO");
}

static void facts_group_unreadable(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "bound, but the members of group %u cannot be read (%s)", s->group ? s->group->number : 0,
		    errno_name(s->group ? s->group->error : 0));
}

static void facts_other_group(const struct subject *s, struct linebuf *line)
{
	(void)s;
	linebuf_add(line, "given back to its own driver: it has another group than the device whose line says group");
}

static void facts_no_remapping(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "bound, but no guest can have it: the platform does not remap interrupts");
	/* The remedy in the table is for x86, where there is a switch. */
	if (!iommu_remaps_separately(s->decision->machine.platform.unit))
		linebuf_add(line,
			    "; only if you trust the guest, add vfio_iommu_type1.allow_unsafe_interrupts=1 to the "
			    "kernel command line");
}

static void facts_group_error(const struct subject *s, struct linebuf *line)
{
	linebuf_add(line, "bound, but group %u cannot be attached (%s)", s->group ? s->group->number : 0,
		    s->claim->error ? errno_name(s->claim->error) : "refused");
}

static const struct {
	enum verdict verdict;
	void (*facts)(const struct subject *s, struct linebuf *line);
} claim_facts[] = {
	{ V_READY, facts_ready },
	{ V_SKIPPED, facts_skipped },
	{ V_OTHER_DEVICE, facts_other_device },
	{ V_UNREADABLE, facts_unreadable },
	{ V_BRIDGE, facts_bridge },
	{ V_NEEDED_BY_HOST, facts_needed },
	{ V_LEFT_BOUND, facts_left_bound },
	{ V_NEIGHBOUR_IN_USE, facts_neighbour_in_use },
	{ V_RESCUED, facts_rescued },
	{ V_NO_IOMMU, facts_no_iommu },
	{ V_NOT_BEHIND_IOMMU, facts_not_behind },
	{ V_NO_IOMMU_MODE, facts_no_iommu_mode },
	{ V_VANISHED, facts_vanished },
	{ V_DRIVER_HUNG, facts_hung },
	{ V_UNBIND_FAILED, facts_unbind_failed },
	{ V_OTHER_GROUP, facts_other_group },
	{ V_MODULE_MISSING, facts_module_missing },
	{ V_MODULE_REFUSED, facts_module_refused },
	{ V_BIND_FAILED, facts_bind_failed },
	{ V_TYPE1_MISSING, facts_group_error },
	{ V_NOT_VFIO, facts_not_vfio },
	{ V_GROUP_UNREADABLE, facts_group_unreadable },
	{ V_GROUP_SHARED, facts_group_shared },
	{ V_NO_INTERRUPT_REMAPPING, facts_no_remapping },
	{ V_RESERVED_MEMORY, facts_group_error },
	{ V_ATTACH_FAILED, facts_group_error },
};

/* The one end in which a device is left without the driver that it had. */
static void add_back(const struct subject *s, struct linebuf *line)
{
	bool park = s->decision->config.settings.on_failure == ON_FAILURE_NO_DRIVER;

	/* What is gone cannot be, and need not. */
	if (s->claim->outcome.restore_error && s->claim->verdict != V_VANISHED)
		linebuf_add(line, "; it could not be %s (%s)", park ? "parked" : "given back",
			    errno_name(s->claim->outcome.restore_error));
}

void add_claim_facts(const struct subject *s, struct linebuf *line, const char *between)
{
	for (size_t i = 0; i < COUNT_OF(claim_facts); i++)
		if (claim_facts[i].verdict == s->claim->verdict) {
			linebuf_add(line, "%s", between);
			claim_facts[i].facts(s, line);
			add_back(s, line);
			return;
		}
}
