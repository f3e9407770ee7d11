// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A driver that releases each of its devices in another wrong way: QEMU's "edu"
 * devices, told apart by their slots, and an NVMe controller with SR-IOV. For
 * Linux 6.1.
 */
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/workqueue.h>

enum { CLINGS = 3, VANISHES = 4, LEAVES_DOMAIN = 5 };

static struct pci_driver unruly_driver;
static struct pci_dev *leaving;

static bool is_edu(struct pci_dev *dev)
{
	return dev->vendor == 0x1234 && dev->device == 0x11e8;
}

static int unruly_probe(struct pci_dev *dev, const struct pci_device_id *id)
{
	if (is_edu(dev))
		return 0;
	if (!dev->is_physfn)
		return -ENODEV;
	return pci_num_vf(dev) ? 0 : pci_enable_sriov(dev, 1);
}

static void take_away(struct work_struct *work)
{
	pci_stop_and_remove_bus_device_locked(leaving);
	pci_dev_put(leaving);
}
static DECLARE_WORK(take_away_work, take_away);

/* The DMA of the next driver would go through the mappings of this one. */
static void leave_domain(struct pci_dev *dev)
{
	struct iommu_domain *domain = iommu_domain_alloc(&pci_bus_type);

	if (domain && iommu_attach_device(domain, &dev->dev) == 0)
		pci_info(dev, "left with a domain of this driver's\n");
}

/* The virtual functions of the NVMe controller stay enabled; the PCI core warns about that. */
static void unruly_remove(struct pci_dev *dev)
{
	if (!is_edu(dev))
		return;
	if (PCI_SLOT(dev->devfn) == VANISHES) {
		leaving = pci_dev_get(dev);
		schedule_work(&take_away_work);
	}
	if (PCI_SLOT(dev->devfn) == LEAVES_DOMAIN) {
		/* The other device is gone when the binder looks again. */
		flush_work(&take_away_work);
		leave_domain(dev);
	}
}

/* The last event of a device that is released, under its lock. */
static int cling(struct notifier_block *block, unsigned long action, void *data)
{
	struct device *dev = data;

	if (action != BUS_NOTIFY_UNBOUND_DRIVER || !is_edu(to_pci_dev(dev)) ||
	    PCI_SLOT(to_pci_dev(dev)->devfn) != CLINGS)
		return 0;
	dev->driver = &unruly_driver.driver;
	to_pci_dev(dev)->driver = &unruly_driver;
	if (device_bind_driver(dev) == 0)
		dev_info(dev, "taken again\n");
	return 0;
}
static struct notifier_block cling_block = { .notifier_call = cling };

static const struct pci_device_id unruly_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ PCI_DEVICE(0x1b36, 0x0010) },
	{ 0 },
};

static struct pci_driver unruly_driver = {
	.name = "earlybind_unruly",
	.id_table = unruly_ids,
	.probe = unruly_probe,
	.remove = unruly_remove,
};

static int __init unruly_init(void)
{
	int r = bus_register_notifier(&pci_bus_type, &cling_block);

	if (r == 0)
		r = pci_register_driver(&unruly_driver);
	return r;
}
module_init(unruly_init);

MODULE_DESCRIPTION("A PCI driver that releases its devices in wrong ways");
MODULE_LICENSE("GPL");
