// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A VFIO variant driver for an emulated network card, with the functions of
 * vfio-pci. Kernels have none for QEMU's devices, and Debian's kernels have none
 * at all. For Linux 6.1. The driver and the module have different names.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/vfio_pci_core.h>

static int open_device(struct vfio_device *vfio)
{
	struct vfio_pci_core_device *core = container_of(vfio, struct vfio_pci_core_device, vdev);
	int r = vfio_pci_core_enable(core);

	if (r == 0)
		vfio_pci_core_finish_enable(core);
	return r;
}

static const struct vfio_device_ops operations = {
	.name = "earlybind-test-vfio",
	.init = vfio_pci_core_init_dev,
	.release = vfio_pci_core_release_dev,
	.open_device = open_device,
	.close_device = vfio_pci_core_close_device,
	.ioctl = vfio_pci_core_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.read = vfio_pci_core_read,
	.write = vfio_pci_core_write,
	.mmap = vfio_pci_core_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
};

static int probe(struct pci_dev *pci, const struct pci_device_id *id)
{
	struct vfio_pci_core_device *core = vfio_alloc_device(vfio_pci_core_device, vdev, &pci->dev, &operations);
	int r;

	if (IS_ERR(core))
		return PTR_ERR(core);
	dev_set_drvdata(&pci->dev, core);
	r = vfio_pci_core_register_device(core);
	if (r)
		vfio_put_device(&core->vdev);
	return r;
}

static void forget(struct pci_dev *pci)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&pci->dev);

	vfio_pci_core_unregister_device(core);
	vfio_put_device(&core->vdev);
}

static const struct pci_device_id ids[] = { { PCI_DRIVER_OVERRIDE_DEVICE_VFIO(0x8086, 0x10d3) }, {} };
MODULE_DEVICE_TABLE(pci, ids);

static struct pci_driver test_driver = {
	.name = "earlybind-test-vfio",
	.id_table = ids,
	.probe = probe,
	.remove = forget,
	.err_handler = &vfio_pci_core_err_handlers,
	.driver_managed_dma = true,
};
module_pci_driver(test_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A VFIO variant driver to test earlybind with");
