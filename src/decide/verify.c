/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/verify.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "config/cmdline.h"

#define IDS_MODULE "vfio_pci"
#define STUB_DRIVER "pci-stub"

/* --- the run --- */

enum verdict verify_run(const struct config *config, const struct platform *platform)
{
	if (config->settings.off || platform->crash_kernel)
		return V_DISABLED;
	return config->n_rules ? V_UNDECIDED : V_NO_CONFIGURATION;
}

enum verdict verify_plan(const struct plan *plan, int error, const struct platform *platform)
{
	if (error)
		return V_NO_PLAN;
	if (plan->kernel[0] && strcmp(plan->kernel, platform->release) != 0)
		return V_IMAGE_STALE;
	return plan->bad_lines ? V_NO_PLAN : V_UNDECIDED;
}

enum verdict verify_ids(const struct plan *plan, const struct platform *platform)
{
	const struct plan_module *module = plan_find(plan, IDS_MODULE);
	char options[PLAN_OPTIONS_SIZE];

	strcpy(options, module ? module->options : "");
	if (!module_options_remove_ids(IDS_MODULE, options) &&
	    !cmdline_has_ids(slice_of(platform->cmdline), IDS_MODULE))
		return V_UNDECIDED;
	return platform->vfio_first || (module && module->kind == PLAN_BUILTIN) ? V_UNDECIDED : V_IDS_IGNORED;
}

enum verdict verify_unrequested(const struct device *device)
{
	return device->restored ? V_RESTORED_FOR_HOST : V_BOUND_BEFORE;
}

/* --- before --- */

/*
 * Up to Linux 6.14 a device whose IOMMU starts late, or is described by
 * firmware tables other than DMAR and IVRS or by a device tree, gets its group
 * only when a driver probes it; on every kernel there are none before the
 * IOMMU's own module is loaded. Bind first then, and look again.
 */
bool groups_come_late(const struct platform *platform)
{
	bool described = platform->tables & (ACPI_IORT | ACPI_VIOT | ACPI_RIMT);

	if (iommu_wants_module(platform))
		return true;
	return platform->units && !kernel_is(platform, 6, 15) && (described || !platform->acpi);
}

static enum verdict verify_iommu(const struct machine *machine, const struct device *device)
{
	const struct group *group = machine_group(machine, device);

	if (group && group->noiommu)
		return V_NO_IOMMU_MODE;
	if (device->group != NO_GROUP && device->iommu_link)
		return V_UNDECIDED;
	if (groups_come_late(&machine->platform))
		return V_UNDECIDED;
	return machine->platform.units ? V_NOT_BEHIND_IOMMU : V_NO_IOMMU;
}

void verify_claim(const struct config *config, const struct machine *machine, struct claim *claim)
{
	const struct device *device = &machine->devices[claim->device];
	const struct rule *rule = &config->rules[claim->rule];

	/* With driver=auto any driver of VFIO's may be the right one. */
	bool is_right = (rule->driver_auto && device->vfio) || !strcmp(device->driver, rule_driver(rule));

	memcpy(claim->previous_driver, device->driver, sizeof(claim->previous_driver));
	if (claim->verdict != V_UNDECIDED)
		return;
	if (!device_is_endpoint(device))
		claim->verdict = V_BRIDGE;
	else if (device->functions && !rule->even_if_needed && match_functions(config, &machine->platform, device))
		claim->verdict = V_PHYSICAL_FUNCTION;
	else if (rule->leave_bound && device->driver[0] && !is_right)
		claim->verdict = V_LEFT_BOUND;
	else if (!config->settings.iommu_optional)
		claim->verdict = verify_iommu(machine, device);
}

/* --- after --- */

static enum verdict verify_failure(const struct platform *platform, const struct device *device,
				   const struct outcome *outcome)
{
	if (outcome->hung)
		return V_DRIVER_HUNG;
	if (device->gone)
		return V_VANISHED;
	/* vfio-pci returns EINVAL without an IOMMU, and EAGAIN is a probe that waits for one. */
	if (outcome->failed == STEP_BIND && device->group == NO_GROUP &&
	    (outcome->error == EINVAL || outcome->error == EAGAIN))
		return platform->units ? V_NOT_BEHIND_IOMMU : V_NO_IOMMU;
	switch (outcome->failed) {
	case STEP_LOAD:
		return outcome->error == ENOENT ? V_MODULE_MISSING : V_MODULE_REFUSED;
	case STEP_UNBIND:
		return V_UNBIND_FAILED;
	default:
		return V_BIND_FAILED;
	}
}

/*
 * Drivers that leave DMA to the user keep a group viable: VFIO's and pci-stub.
 * Before 5.19 so did every driver of a device with a bridge's header, and of no
 * other (vfio_dev_driver_allowed()); since then pcieport does, whatever it has.
 */
static bool keeps_viable(const struct platform *platform, const struct device *member, const char *driver)
{
	if (!strcmp(driver, STUB_DRIVER))
		return true;
	return kernel_is(platform, 5, 19) ? !strcmp(driver, PORT_DRIVER) : device_is_bridge(member);
}

const struct plan_driver *verify_prospect(const struct plan *plan, const struct platform *platform,
					  const struct device *device)
{
	/* Another kernel has other drivers. */
	return device->error || strcmp(plan->kernel, platform->release) != 0
		       ? NULL
		       : plan_find_prospect(plan, &device->identity);
}

/* The kernel command line keeps all MODULES of the plan from being loaded for a device. */
static bool cmdline_blacklists(const struct platform *platform, const char *modules)
{
	struct slice rest = slice_of(modules), cmdline = slice_of(platform->cmdline ? platform->cmdline : "");
	char name[DRIVER_SIZE];

	while (rest.at)
		/* "-": one of them is no module. */
		if (!slice_store(slice_cut(&rest, ','), name, sizeof(name)) ||
		    (!cmdline_says(cmdline, "modprobe.blacklist", name, NULL) &&
		     !cmdline_says(cmdline, "module_blacklist", name, NULL)))
			return false;
	return true;
}

/* MEMBER has no driver. */
static enum neighbour foresee_neighbour(const struct plan *plan, const struct platform *platform,
					const struct device *member)
{
	const struct plan_driver *known = verify_prospect(plan, platform, member);

	if (!known)
		/* Bridges get pcieport or stay as they are; few host bridges have a driver. */
		return device_is_bridge(member)	       ? NEIGHBOUR_HARMLESS
		       : device_is_host_bridge(member) ? NEIGHBOUR_IDLE
						       : NEIGHBOUR_UNBOUND;
	if (known->prospect == PROSPECT_NONE || keeps_viable(platform, member, known->driver))
		return NEIGHBOUR_HARMLESS;
	if (known->prospect == PROSPECT_EXPECTED && !cmdline_blacklists(platform, known->modules))
		return NEIGHBOUR_UNBOUND;
	return NEIGHBOUR_IDLE;
}

enum neighbour verify_neighbour(const struct plan *plan, const struct platform *platform, const struct device *member)
{
	if (!member->driver[0])
		return foresee_neighbour(plan, platform, member);
	return member->vfio || keeps_viable(platform, member, member->driver) ? NEIGHBOUR_HARMLESS : NEIGHBOUR_BOUND;
}

enum neighbour verify_next_neighbour(const struct plan *plan, const struct platform *platform,
				     const struct device *member)
{
	return member->vfio || !strcmp(member->driver, STUB_DRIVER) ? foresee_neighbour(plan, platform, member)
								    : verify_neighbour(plan, platform, member);
}

static enum neighbour worst_neighbour(const struct plan *plan, const struct machine *machine,
				      const struct device *device)
{
	enum neighbour worst = NEIGHBOUR_HARMLESS;

	for (size_t i = 0; i < machine->n_devices; i++) {
		const struct device *other = &machine->devices[i];
		enum neighbour n;

		if (!shares_group(machine, device, other))
			continue;
		n = verify_neighbour(plan, &machine->platform, other);
		if (n > worst)
			worst = n;
	}
	return worst;
}

/*
 * On x86 the kernel lets a guest have a group only if interrupts are remapped,
 * which a virtio-iommu does not do. On Arm the interrupt controller isolates
 * them, which sysfs does not show; nearly all controllers beside an SMMU do.
 */
bool verify_interrupts(const struct platform *platform)
{
	if (platform->unsafe_irqs)
		return true;
	return iommu_remaps_separately(platform->unit) ? platform->remapping
						       : !(platform->tables & ACPI_VIOT) || platform->arm;
}

/* What is known without a trial. The kernel checks the same when a guest opens the device. */
static enum verdict verify_untried(const struct machine *machine, const struct group *group, notes_t *notes)
{
	if (group->reserved_direct)
		return V_RESERVED_MEMORY;
	if (!verify_interrupts(&machine->platform))
		return V_NO_INTERRUPT_REMAPPING;
	*notes |= NOTE(V_NOT_VERIFIED);
	return V_READY;
}

static enum verdict verify_attach(const struct machine *machine, const struct group *group)
{
	const struct trial *trial = &group->trial;

	/* No container type at all; an attach that fails returns another errno. */
	if (trial->error == ENODEV)
		return V_TYPE1_MISSING;
	if (trial->error != EPERM)
		return V_ATTACH_FAILED;
	/* EPERM has two causes, and the region is the one that sysfs shows. */
	if (group->reserved_direct)
		return V_RESERVED_MEMORY;
	if (iommu_remaps_separately(machine->platform.unit) && machine->platform.remapping)
		return V_ATTACH_FAILED;
	return V_NO_INTERRUPT_REMAPPING;
}

bool trial_is_untried(const struct trial *trial)
{
	return trial->step == TRIAL_NOT_MADE || trial_needs_open(trial);
}

bool trial_needs_open(const struct trial *trial)
{
	return trial->step == TRIAL_OPEN || (trial->step == TRIAL_GROUP && trial->error == ENOENT);
}

static enum verdict verify_trial(const struct machine *machine, const struct group *group, notes_t *notes)
{
	switch (group->trial.step) {
	case TRIAL_DONE:
		return V_READY;
	case TRIAL_VIABLE:
		return V_GROUP_SHARED;
	case TRIAL_ATTACH:
		/*
		 * From Linux 5.19 on the group gets a domain that blocks everything here, which VT-d refuses with EPERM
		 * to a device with a reserved region (intel_iommu_attach_device()); from 6.6 on it is EINVAL.
		 */
		return group->reserved_direct && (group->trial.error == EINVAL || group->trial.error == EPERM)
			       ? V_RESERVED_MEMORY
			       : V_ATTACH_FAILED;
	case TRIAL_IOMMU:
		return verify_attach(machine, group);
	case TRIAL_TYPE:
		return V_IOMMU_UNSUPPORTED;
	case TRIAL_GROUP:
		/* A kernel without groups. */
		if (group->trial.error == ENOENT)
			return verify_untried(machine, group, notes);
		/* In use already (a later run): the kernel has let a guest have it. */
		if (group->trial.error != EBUSY)
			return V_ATTACH_FAILED;
		*notes |= NOTE(V_NOT_VERIFIED);
		return V_READY;
	case TRIAL_OPEN:
	case TRIAL_NOT_MADE:
		return verify_untried(machine, group, notes);
	default:
		return V_ATTACH_FAILED;
	}
}

/* vfio-pci has another display give up the firmware's framebuffer (6.0 to 6.10), and with it the console on it. */
static bool ends_console(const struct machine *machine, const struct device *device)
{
	const struct framebuffer *framebuffer = &machine->platform.framebuffer;
	const struct device *owner = framebuffer->owned ? machine_device(machine, framebuffer->owner) : NULL;

	if (!framebuffer->name[0] || !framebuffer->gone || !device_is_vga(device) || !device->vfio)
		return false;
	if (owner)
		return !owner->vfio;
	return framebuffer->owned || !device->boot_vga;
}

static bool has_framebuffer(const struct machine *machine, const struct device *device)
{
	const struct framebuffer *framebuffer = &machine->platform.framebuffer;

	return framebuffer->name[0] && framebuffer->owned && !framebuffer->gone &&
	       address_compare(framebuffer->owner, device->address) == 0;
}

static notes_t collect_notes(const struct machine *machine, const struct device *device, const struct claim *claim)
{
	notes_t notes = 0;

	if (claim->previous_driver[0] && strcmp(claim->previous_driver, device->driver) != 0)
		notes |= NOTE(V_TAKEN_OVER);
	if (!device->reset[0])
		notes |= NOTE(V_NO_RESET);
	if (device->boot_vga || (machine->platform.no_display && device_is_display(device)))
		notes |= NOTE(V_BOOT_DISPLAY);
	if (has_framebuffer(machine, device))
		notes |= NOTE(V_FIRMWARE_FRAMEBUFFER);
	if (ends_console(machine, device))
		notes |= NOTE(V_CONSOLE_LOST);
	if (claim->outcome.variant_error)
		notes |= NOTE(V_DRIVER_FALLBACK);
	return notes;
}

static enum verdict verify_bound(const struct plan *plan, const struct machine *machine, struct claim *claim)
{
	const struct device *device = &machine->devices[claim->device];
	const struct group *group = machine_group(machine, device);
	enum neighbour worst;
	enum verdict verdict;
	bool has_node;

	claim->notes = collect_notes(machine, device, claim);
	if (!group)
		return machine->platform.units ? V_NOT_BEHIND_IOMMU : V_NO_IOMMU;
	if (group->noiommu)
		return V_NO_IOMMU_MODE;
	/* Where groups come late it was taken because it might be in this group; now it is known. */
	if (claim->by_group && device->group != machine->devices[claim->group_owner].group)
		return V_OTHER_GROUP;
	/* If VFIO has a node for the group, its driver is one of VFIO's, whatever sysfs shows of it. */
	has_node = group->trial.step > TRIAL_GROUP ||
		   (group->trial.step == TRIAL_GROUP && group->trial.error != ENOENT);
	if (!device->vfio && !has_node)
		return V_NOT_VFIO;
	if (group->error)
		return V_GROUP_UNREADABLE;
	worst = worst_neighbour(plan, machine, device);
	/* If the group can be attached, no driver prevents it, whatever sysfs shows. */
	if (worst == NEIGHBOUR_BOUND && group->trial.step != TRIAL_DONE)
		return V_GROUP_SHARED;
	verdict = verify_trial(machine, group, &claim->notes);
	/* With another verdict it would mean that only the neighbour is in the way. */
	if ((worst == NEIGHBOUR_IDLE || worst == NEIGHBOUR_UNBOUND) && verdict == V_READY)
		claim->notes |= NOTE(V_NEIGHBOUR_UNBOUND);
	/* Before udev it is about to get one, and the kernel lets it. */
	if (worst == NEIGHBOUR_UNBOUND && !machine->platform.settled)
		return V_GROUP_SHARED;
	claim->error = verdict == V_READY || trial_is_untried(&group->trial) ? 0 : group->trial.error;
	return verdict;
}

void verify_outcome(const struct config *config, const struct plan *plan, const struct machine *machine,
		    struct claim *claim)
{
	const struct device *device = &machine->devices[claim->device];
	const struct outcome *outcome = &claim->outcome;

	claim->error = outcome->error;
	if (outcome->failed != STEP_NONE || device->gone)
		claim->verdict = verify_failure(&machine->platform, device, outcome);
	else if (strcmp(device->driver, claim_driver(config, claim)) != 0)
		claim->verdict = V_BIND_FAILED;
	else
		claim->verdict = verify_bound(plan, machine, claim);
}

bool verify_is_to_be_restored(const struct settings *settings, const struct claim *claim)
{
	if (claim->outcome.failed != STEP_NONE)
		return false;
	switch (claim->verdict) {
	case V_OTHER_GROUP:
		return true;
	case V_NO_IOMMU_MODE:
	case V_NOT_BEHIND_IOMMU:
	case V_NO_IOMMU:
		return !settings->iommu_optional;
	default:
		return false;
	}
}

enum verdict verify_since(const struct device *device, const char *driver)
{
	return device && !strcmp(device->driver, driver) ? V_READY : V_DRIVER_CHANGED;
}

enum verdict verify_line_since(const struct rule *rule, enum verdict then, bool present)
{
	if (rule->skip)
		return then;
	if (present)
		return V_NOT_HANDLED;
	return rule->optional ? V_NOT_APPEARED : then;
}
