// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A driver for QEMU's "edu" device that never releases it: its remove does not
 * return, and no signal ends it.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(never);

static int stuck_probe(struct pci_dev *dev, const struct pci_device_id *id)
{
	pci_info(dev, "held by a driver that does not let go\n");
	return 0;
}

static void stuck_remove(struct pci_dev *dev)
{
	pci_info(dev, "not letting go\n");
	wait_event(never, false);
}

static const struct pci_device_id stuck_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ 0 },
};
MODULE_DEVICE_TABLE(pci, stuck_ids);

static struct pci_driver stuck_driver = {
	.name = "earlybind_hung",
	.id_table = stuck_ids,
	.probe = stuck_probe,
	.remove = stuck_remove,
};
module_pci_driver(stuck_driver);

MODULE_DESCRIPTION("A PCI driver whose remove never returns");
MODULE_LICENSE("GPL");
