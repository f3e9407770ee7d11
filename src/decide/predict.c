/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/predict.h"

#include <errno.h>
#include <string.h>

#include "config/cmdline.h"
#include "decide/verify.h"

/* The modules through which VFIO attaches a group. */
#define TYPE1 "vfio_iommu_type1"
#define IOMMUFD "iommufd"
#define SPAPR "vfio_iommu_spapr_tce"

bool predict_is_vfio(const char *driver)
{
	size_t len = strlen(driver);

	return len >= 8 && plan_is_module_of("vfio_pci", driver + len - 8);
}

/* --- the driver --- */

/* The driver of some line, and so nothing that another one needs. */
static bool is_a_driver(const struct config *config, const char *module)
{
	if (plan_is_module_of(module, DRIVER_DEFAULT))
		return true;
	for (size_t i = 0; i < config->n_rules; i++)
		if (!config->rules[i].skip && plan_is_module_of(module, rule_driver(&config->rules[i])))
			return true;
	return false;
}

/*
 * Without the module, or without one that it needs. The plan is in load order,
 * with what a driver needs before it: vfio-pci first, and what it needs every
 * VFIO driver needs; after it, what is missing concerns only the next driver.
 */
static bool lacks_module(const struct config *config, const struct plan *plan, const char *driver)
{
	bool need = false, common = false;

	for (size_t i = 0; i < plan->n_modules; i++) {
		const struct plan_module *module = &plan->modules[i];

		if (plan_is_module_of(module->name, driver))
			return module->kind == PLAN_MISSING || (need && module->kind != PLAN_BUILTIN);
		if (plan_is_module_of(module->name, DRIVER_DEFAULT))
			common = need && predict_is_vfio(driver);
		if (is_a_driver(config, module->name))
			need = common;
		else if (module->kind == PLAN_MISSING && strcmp(module->name, TYPE1))
			need = true;
	}
	return false;
}

struct outcome predict_outcome(const struct config *config, const struct plan *plan, const struct machine *machine,
			       const struct claim *claim)
{
	const struct device *device = &machine->devices[claim->device];
	const char *driver = claim_driver(config, claim);

	if (lacks_module(config, plan, driver))
		return (struct outcome){ .failed = STEP_LOAD, .error = ENOENT };
	/* vfio-pci's answer where no IOMMU has the device. */
	if (predict_is_vfio(driver) && device->group == NO_GROUP)
		return (struct outcome){ .failed = STEP_BIND, .error = EINVAL };
	return (struct outcome){ .failed = STEP_NONE };
}

/* --- displays --- */

static void expect_framebuffer(struct machine *machine)
{
	struct framebuffer *framebuffer = &machine->platform.framebuffer;
	struct slice cmdline = slice_of(machine->platform.cmdline);

	if (framebuffer->name[0] || !machine->platform.uefi || cmdline_says(cmdline, "video", "efifb:off", NULL) ||
	    cmdline_says(cmdline, "initcall_blacklist", "sysfb_init", NULL))
		return;
	strcpy(framebuffer->name, "UEFI");
	for (size_t i = 0; i < machine->n_devices && !framebuffer->owned; i++) {
		framebuffer->owned = machine->devices[i].boot_vga;
		framebuffer->owner = machine->devices[i].address;
	}
}

/*
 * Since Linux 6.0 vfio-pci removes it from a VGA device (vfio_pci_vga_init()), and up to 6.10 also from every other
 * display (sysfb_disable()).
 */
static bool removes_framebuffer(const struct machine *machine, const struct device *device)
{
	const struct framebuffer *framebuffer = &machine->platform.framebuffer;

	if (!device->vfio || !device_is_vga(device) || !kernel_is(&machine->platform, 6, 0))
		return false;
	return !kernel_is(&machine->platform, 6, 11) ||
	       (framebuffer->owned && address_compare(framebuffer->owner, device->address) == 0);
}

void predict_framebuffer(struct machine *machine, const struct matches *matches)
{
	struct framebuffer *framebuffer = &machine->platform.framebuffer;

	expect_framebuffer(machine);
	framebuffer->gone = false;
	for (size_t i = 0; i < matches->n_claims && framebuffer->name[0]; i++)
		framebuffer->gone |= removes_framebuffer(machine, &machine->devices[matches->claims[i].device]);
}

/* --- the group --- */

/* The last allow_unsafe_interrupts among PARAMETERS is not a no. */
static bool allows_unsafe(struct slice parameters)
{
	static const char name[] = "allow_unsafe_interrupts";
	struct slice word;
	bool allows = false;

	while ((word = slice_word(&parameters)).len) {
		struct slice key = slice_cut(&word, '=');

		if (slice_is(key, name))
			allows = !word.at || slice_is(word, "1") || slice_is(word, "Y") || slice_is(word, "y");
	}
	return allows;
}

/* By a parameter of MODULE, which attaches: from modprobe.d by the plan, or from the command line. */
static bool predict_unsafe(const struct plan *plan, const struct platform *platform, const char *module)
{
	const struct plan_module *planned = plan_find(plan, module);
	char options[MODULE_OPTIONS_SIZE] = "";

	if (planned)
		strcpy(options, planned->options);
	return cmdline_module_options(slice_of(platform->cmdline), module, options, sizeof(options)) &&
	       allows_unsafe(slice_of(options));
}

/* Only a kernel that attaches in no other way has a plan without type 1. */
static bool attaches_through(const struct plan *plan, const char *module)
{
	return plan_find(plan, module) && !plan_find(plan, TYPE1);
}

bool predict_unsafe_interrupts(const struct plan *plan, const struct platform *platform)
{
	return predict_unsafe(plan, platform, attaches_through(plan, IOMMUFD) ? IOMMUFD : TYPE1);
}

static struct trial predict_attach(const struct plan *plan, const struct machine *machine, const struct group *group)
{
	const struct plan_module *type1 = plan_find(plan, TYPE1);

	if (attaches_through(plan, IOMMUFD))
		return (struct trial){ TRIAL_OPEN, 0 };
	/* A device with a reserved region: from Linux 5.19 on the container refuses it, before that the IOMMU. */
	if (group->reserved_direct && kernel_is(&machine->platform, 5, 19))
		return (struct trial){ TRIAL_ATTACH, kernel_is(&machine->platform, 6, 6) ? EINVAL : EPERM };
	if (attaches_through(plan, SPAPR))
		return (struct trial){ TRIAL_TYPE, 0 };
	if (type1 && type1->kind == PLAN_MISSING)
		return (struct trial){ TRIAL_IOMMU, ENODEV };
	if (group->reserved_direct || !verify_interrupts(&machine->platform))
		return (struct trial){ TRIAL_IOMMU, EPERM };
	return (struct trial){ TRIAL_DONE, 0 };
}

struct trial predict_trial(const struct plan *plan, const struct machine *machine, const struct group *group)
{
	bool vfio = false, bound = false;

	for (size_t i = 0; i < group->n_members; i++) {
		const struct device *member = &machine->devices[group->members[i]];

		vfio |= member->vfio;
		bound |= verify_neighbour(plan, &machine->platform, member) == NEIGHBOUR_BOUND;
	}
	/* VFIO makes a node for the group with the first of its drivers. */
	if (!vfio)
		return (struct trial){ TRIAL_GROUP, ENOENT };
	if (bound)
		return (struct trial){ TRIAL_VIABLE, 0 };
	return predict_attach(plan, machine, group);
}
