// SPDX-License-Identifier: GPL-2.0-or-later
/* A driver for QEMU's NVMe controller that takes 20 seconds to release it, once. */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/pci.h>

static bool released;

static int slow_probe(struct pci_dev *dev, const struct pci_device_id *id)
{
	if (released)
		return -ENODEV;
	pci_info(dev, "bound to a driver that is slow to release it\n");
	return 0;
}

static void slow_remove(struct pci_dev *dev)
{
	pci_info(dev, "releasing the device in 20 seconds\n");
	ssleep(20);
	released = true;
	pci_info(dev, "released\n");
}

static const struct pci_device_id slow_ids[] = {
	{ PCI_DEVICE(0x1b36, 0x0010) },
	{ 0 },
};
MODULE_DEVICE_TABLE(pci, slow_ids);

static struct pci_driver slow_driver = {
	.name = "earlybind_slow",
	.id_table = slow_ids,
	.probe = slow_probe,
	.remove = slow_remove,
};
module_pci_driver(slow_driver);

MODULE_DESCRIPTION("A PCI driver whose remove takes long");
MODULE_LICENSE("GPL");
