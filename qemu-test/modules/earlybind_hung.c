// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A driver for QEMU's "edu" device that never releases it: its remove does not
 * return, and no signal ends it.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(never);

static int hung_probe(struct pci_dev *dev, const struct pci_device_id *id)
{
	pci_info(dev, "bound to a driver that does not release it\n");
	return 0;
}

static void hung_remove(struct pci_dev *dev)
{
	pci_info(dev, "not releasing the device\n");
	wait_event(never, false);
}

static const struct pci_device_id hung_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ 0 },
};
MODULE_DEVICE_TABLE(pci, hung_ids);

static struct pci_driver hung_driver = {
	.name = "earlybind_hung",
	.id_table = hung_ids,
	.probe = hung_probe,
	.remove = hung_remove,
};
module_pci_driver(hung_driver);

MODULE_DESCRIPTION("A PCI driver whose remove never returns");
MODULE_LICENSE("GPL");
