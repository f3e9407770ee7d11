/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/pci.h"

#define FORMAT PCI_DEVICES "/%s/%s"

ssize_t pci_read(struct system *sys, struct address address, const char *name, char *to, size_t size)
{
	return system_read(sys, to, size, FORMAT, address_name(address).at, name);
}

int pci_write(struct system *sys, struct address address, const char *name, const char *data)
{
	return system_write(sys, data, FORMAT, address_name(address).at, name);
}

int pci_link_name(struct system *sys, struct address address, const char *name, char *to, size_t size)
{
	return system_link_name(sys, to, size, FORMAT, address_name(address).at, name);
}

bool pci_exists(struct system *sys, struct address address, const char *name)
{
	return system_exists(sys, FORMAT, address_name(address).at, name);
}
