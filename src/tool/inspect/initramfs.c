/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/initramfs.h"

#include <archive.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

#define BLOCK_SIZE (64 * 1024)
#define MAGIC_SIZE 6
#define NAME_MAX_SIZE 4096		 /* the kernel's PATH_MAX */
#define UNPACKED_MAX (UINT64_C(8) << 30) /* bytes: more than a machine's initramfs can have */
#define ENTRIES_MAX 1000000

/* The kernel's lib/decompress.c, in its order. */
static const struct compression {
	const char *name;
	const char *magic;
	size_t magic_len;
	int (*support)(struct archive *archive);
} compressions[] = {
	{ "gzip", "\x1f\x8b", 2, archive_read_support_filter_gzip },
	{ "bzip2", "BZh", 3, archive_read_support_filter_bzip2 },
	{ "lzma", "\x5d\0\0", 3, archive_read_support_filter_lzma },
	{ "xz",
	  "\xfd"
	  "7zXZ",
	  5, archive_read_support_filter_xz },
	{ "lzo", "\x89LZO", 4, archive_read_support_filter_lzop },
	{ "lz4", "\x02\x21\x4c\x18", 4, archive_read_support_filter_lz4 },
	{ "lz4", "\x04\x22\x4d\x18", 4, archive_read_support_filter_lz4 },
	{ "zstd", "\x28\xb5\x2f\xfd", 4, archive_read_support_filter_zstd },
};

/* One segment of the image: an archive as it is, or compressed data with archives in it. */
struct segment {
	int fd;
	off_t at;		 /* of the next block in the file */
	struct archive *archive; /* libarchive's reader, or NULL: not compressed */
	const char *name;	 /* of the compression */
	char block[BLOCK_SIZE];	 /* of the file */
	const char *next;	 /* what has been read and not used yet */
	size_t left;
	uint64_t used; /* bytes since the segment's begin, decompressed */
	struct linebuf *why;
};

/* What is known while the whole image is read. */
struct reading {
	struct initramfs *image;
	bool (*wanted)(const char *path);
	struct linebuf *why;
	uint64_t unpacked;
	unsigned archives, entries;
};

/* --- bytes of a segment --- */

static la_ssize_t read_block(struct archive *archive, void *data, const void **ret)
{
	struct segment *segment = data;
	ssize_t n = pread(segment->fd, segment->block, sizeof(segment->block), segment->at);

	if (n < 0) {
		archive_set_error(archive, errno, "%s", strerror(errno));
		return -1;
	}
	segment->at += n;
	*ret = segment->block;
	return n;
}

static int fail(struct segment *segment, const char *what)
{
	linebuf_add(segment->why, "%s", what);
	return -EBADMSG;
}

/* Have more bytes in NEXT. 1, 0 at the end, or a negative errno. */
static int fill(struct segment *segment)
{
	const void *bytes = NULL;
	size_t size = 0;
	la_int64_t offset;
	ssize_t n;
	int r;

	if (!segment->archive) {
		n = pread(segment->fd, segment->block, sizeof(segment->block), segment->at);
		if (n < 0) {
			linebuf_add(segment->why, "%s", strerror(errno));
			return -errno;
		}
		segment->at += n;
		segment->next = segment->block;
		segment->left = (size_t)n;
		return n > 0;
	}
	do {
		r = archive_read_data_block(segment->archive, &bytes, &size, &offset);
	} while (r == ARCHIVE_RETRY || (r == ARCHIVE_OK && !size));
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK) {
		const char *text = archive_error_string(segment->archive);

		linebuf_add(segment->why, "damaged %s data (", segment->name);
		linebuf_add_escaped(segment->why, slice_of(text ? text : "no reason given"), 128);
		linebuf_add(segment->why, ")");
		return -EBADMSG;
	}
	segment->next = bytes;
	segment->left = size;
	return 1;
}

/* The next N bytes into TO, or nowhere if that is NULL. 1, 0 when the segment ends before, or a negative errno. */
static int take(struct segment *segment, void *to, uint64_t n)
{
	char *at = to;

	while (n) {
		size_t part;

		if (!segment->left) {
			int r = fill(segment);

			if (r <= 0)
				return r;
		}
		part = n < segment->left ? (size_t)n : segment->left;
		if (at) {
			memcpy(at, segment->next, part);
			at += part;
		}
		segment->next += part;
		segment->left -= part;
		segment->used += part;
		n -= part;
	}
	return 1;
}

/* Pass over zeros. 1 when something else follows, 0 at the end, or a negative errno. */
static int skip_zeros(struct segment *segment)
{
	for (;;) {
		while (segment->left && !*segment->next) {
			segment->next++;
			segment->left--;
			segment->used++;
		}
		if (segment->left)
			return 1;
		int r = fill(segment);

		if (r <= 0)
			return r;
	}
}

/* --- cpio --- */

struct entry {
	uint32_t inode, mode, links, size, major, minor, name_size;
	char name[NAME_MAX_SIZE];
};

static bool is_cpio(const char *magic)
{
	return !memcmp(magic, "070701", MAGIC_SIZE) || !memcmp(magic, "070702", MAGIC_SIZE);
}

/* Bytes that fill LEN up to a multiple of four. */
static unsigned padding(uint32_t len)
{
	return -len & 3;
}

/* 0, or a negative errno. */
static int read_entry(struct segment *segment, struct entry *entry)
{
	enum { INODE, MODE, UID, GID, LINKS, MTIME, SIZE, MAJOR, MINOR, RMAJOR, RMINOR, NAME_SIZE, CHECK, FIELDS };
	char header[MAGIC_SIZE + FIELDS * 8];
	uint32_t fields[FIELDS];
	int r = take(segment, header, sizeof(header));

	if (r <= 0)
		return r < 0 ? r : fail(segment, "truncated");
	if (!is_cpio(header))
		return fail(segment, "its compressed data is no cpio archive");
	for (size_t i = 0; i < FIELDS; i++)
		if (!slice_hex((struct slice){ header + MAGIC_SIZE + i * 8, 8 }, 8, &fields[i]))
			return fail(segment, "a cpio header is damaged");
	*entry = (struct entry){ fields[INODE], fields[MODE],  fields[LINKS],	  fields[SIZE],
				 fields[MAJOR], fields[MINOR], fields[NAME_SIZE], "" };
	if (!entry->name_size || entry->name_size > sizeof(entry->name))
		return fail(segment, "a cpio header is damaged");
	r = take(segment, entry->name, entry->name_size);
	if (r > 0)
		r = take(segment, NULL, padding(sizeof(header) + entry->name_size));
	entry->name[entry->name_size - 1] = '\0';
	return r < 0 ? r : r ? 0 : fail(segment, "truncated");
}

static struct initramfs_file *find_file(const struct initramfs *image, const char *path)
{
	for (size_t i = 0; i < image->n; i++)
		if (!strcmp(image->files[i].path, path))
			return &image->files[i];
	return NULL;
}

/* The file that ENTRY makes or replaces, if its PATH is wanted. 0 or -ENOMEM. */
static int note_file(struct reading *reading, const struct entry *entry, const char *path)
{
	struct initramfs *image = reading->image;
	struct initramfs_file *file = find_file(image, path);

	if (!file) {
		int r = ARRAY_GROW(image->files, image->n, image->room);

		if (r < 0)
			return r;
		file = &image->files[image->n];
		*file = (struct initramfs_file){ .path = strdup(path) };
		if (!file->path)
			return -ENOMEM;
		image->n++;
	}
	free(file->bytes);
	file->bytes = NULL;
	file->len = 0;
	file->kept = S_ISREG(entry->mode) && entry->size <= INITRAMFS_FILE_MAX;
	file->linked = S_ISREG(entry->mode) && entry->links > 1;
	file->archive = reading->archives;
	file->inode = entry->inode;
	file->major = entry->major;
	file->minor = entry->minor;
	return 0;
}

/*
 * The data of ENTRY, into every wanted file that it is: of a file with several
 * links only the last one has the data.
 */
static int read_data(struct reading *reading, struct segment *segment, const struct entry *entry, const char *path)
{
	char *bytes = NULL;
	int r;

	for (size_t i = 0; i < reading->image->n && entry->size; i++) {
		struct initramfs_file *file = &reading->image->files[i];
		bool same = S_ISREG(entry->mode) && file->linked && entry->links > 1 &&
			    file->archive == reading->archives && file->inode == entry->inode &&
			    file->major == entry->major && file->minor == entry->minor;

		if (!same && strcmp(file->path, path))
			continue;
		if (entry->size > INITRAMFS_FILE_MAX)
			file->kept = false;
		if (!file->kept)
			continue;
		if (!bytes) {
			bytes = malloc(entry->size);
			r = bytes ? take(segment, bytes, entry->size) : -ENOMEM;
			if (r <= 0) {
				free(bytes);
				return r < 0 ? r : fail(segment, "truncated");
			}
		}
		free(file->bytes);
		file->bytes = malloc(entry->size);
		if (!file->bytes) {
			free(bytes);
			return -ENOMEM;
		}
		memcpy(file->bytes, bytes, entry->size);
		file->len = entry->size;
	}
	r = bytes ? 1 : take(segment, NULL, entry->size);
	free(bytes);
	if (r > 0)
		r = take(segment, NULL, padding(entry->size));
	return r < 0 ? r : r ? 0 : fail(segment, "truncated");
}

/* To the archive's end. 0 or a negative errno. */
static int read_archive(struct reading *reading, struct segment *segment)
{
	struct entry entry;

	reading->archives++;
	for (;;) {
		const char *path = entry.name;
		uint64_t before = segment->used;
		int r = read_entry(segment, &entry);

		if (r < 0 || !strcmp(entry.name, "TRAILER!!!"))
			return r;
		while (*path == '/' || (path[0] == '.' && path[1] == '/'))
			path++;
		if (reading->wanted(path))
			r = note_file(reading, &entry, path);
		r = r < 0 ? r : read_data(reading, segment, &entry, path);
		if (r < 0)
			return r;
		reading->unpacked += segment->used - before;
		if (reading->unpacked > UNPACKED_MAX || ++reading->entries > ENTRIES_MAX)
			return fail(segment, "larger than an initramfs can be");
	}
}

/* --- segments --- */

static int open_compressed(struct segment *segment, const struct compression *compression)
{
	struct archive_entry *entry;

	segment->name = compression->name;
	segment->archive = archive_read_new();
	if (!segment->archive)
		return -ENOMEM;
	/* ARCHIVE_WARN: it would run a program for it. */
	if (compression->support(segment->archive) != ARCHIVE_OK) {
		linebuf_add(segment->why, "compressed with %s, which libarchive cannot read here", compression->name);
		return -ENOTSUP;
	}
	if (archive_read_support_format_raw(segment->archive) != ARCHIVE_OK ||
	    archive_read_open(segment->archive, segment, NULL, read_block, NULL) != ARCHIVE_OK ||
	    archive_read_next_header(segment->archive, &entry) != ARCHIVE_OK) {
		const char *text = archive_error_string(segment->archive);

		linebuf_add(segment->why, "damaged %s data (", compression->name);
		linebuf_add_escaped(segment->why, slice_of(text ? text : "no reason given"), 128);
		linebuf_add(segment->why, ")");
		return -EBADMSG;
	}
	return 0;
}

static int read_compressed(struct reading *reading, struct segment *segment, const struct compression *compression)
{
	int r = open_compressed(segment, compression);

	if (r < 0)
		return r;
	while ((r = skip_zeros(segment)) > 0) {
		r = read_archive(reading, segment);
		if (r < 0)
			return r;
	}
	return r;
}

/* The segment at AT, which becomes where the next one may begin. 1; 0 at the end of the image; or a negative errno. */
static int read_segment(struct reading *reading, struct segment *segment, off_t *at)
{
	char magic[MAGIC_SIZE] = "";
	off_t from, used;
	int r;

	segment->at = *at;
	r = skip_zeros(segment);
	if (r <= 0)
		return r;
	from = *at + (off_t)segment->used;
	if (pread(segment->fd, magic, sizeof(magic), from) < 0) {
		linebuf_add(segment->why, "%s", strerror(errno));
		return -errno;
	}
	if (is_cpio(magic)) {
		r = read_archive(reading, segment);
		*at += (off_t)segment->used;
		return r < 0 ? r : 1;
	}
	for (size_t i = 0; i < COUNT_OF(compressions); i++) {
		if (memcmp(magic, compressions[i].magic, compressions[i].magic_len))
			continue;
		*segment = (struct segment){ .fd = segment->fd, .at = from, .why = segment->why };
		r = read_compressed(reading, segment, &compressions[i]);
		used = segment->archive ? (off_t)archive_filter_bytes(segment->archive, -1) : 0;
		*at = from + used;
		return r < 0 ? r : used > 0 ? 1 : fail(segment, "unknown data");
	}
	if (reading->archives)
		linebuf_add(segment->why, "unknown data at byte %lld", (long long)from);
	else
		linebuf_add(segment->why, "not an initramfs image");
	return -EBADMSG;
}

int initramfs_read(struct initramfs *image, int fd, bool (*wanted)(const char *path), struct linebuf *why)
{
	struct reading reading = { .image = image, .wanted = wanted, .why = why };
	struct segment *segment = malloc(sizeof(*segment));
	off_t at = 0;
	int r = segment ? 1 : -ENOMEM;

	*image = (struct initramfs){ 0 };
	while (r > 0) {
		*segment = (struct segment){ .fd = fd, .why = why };
		r = read_segment(&reading, segment, &at);
		archive_read_free(segment->archive);
	}
	free(segment);
	if (r == 0 && !reading.archives) {
		linebuf_add(why, "empty");
		return -ENODATA;
	}
	return r;
}

void initramfs_done(struct initramfs *image)
{
	for (size_t i = 0; i < image->n; i++) {
		free(image->files[i].path);
		free(image->files[i].bytes);
	}
	free(image->files);
	*image = (struct initramfs){ 0 };
}

const struct initramfs_file *initramfs_find(const struct initramfs *image, const char *path)
{
	return find_file(image, path);
}
