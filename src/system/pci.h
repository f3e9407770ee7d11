/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PCI device's directory in sysfs: attributes and links by their names in it, "" for the directory itself. */
#ifndef EARLYBIND_SYSTEM_PCI_H
#define EARLYBIND_SYSTEM_PCI_H

#include "base/address.h"
#include "system/system.h"

#define PCI_DEVICES "sys/bus/pci/devices"

/* As system_read(), system_write(), system_link_name() and system_exists(). */
ssize_t pci_read(struct system *sys, struct address address, const char *name, char *to, size_t size);
int pci_write(struct system *sys, struct address address, const char *name, const char *data);
int pci_link_name(struct system *sys, struct address address, const char *name, char *to, size_t size);
bool pci_exists(struct system *sys, struct address address, const char *name);

#endif
