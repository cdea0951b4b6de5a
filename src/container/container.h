/* container.h - openers for what holds files: archives, disk images, shortcuts, OneNote, PDF, HTML,
 * help files, installers. The one header of this module.
 *
 * Each opener is a dissect_opener: it adds what is in the object as children (relation "entry" for
 * what an archive lists, "embedded" for what a document carries, "appended" and "overlay" for what
 * stands behind it, "script" and "command" for what it would run), says facts about it
 * (docs/analysis-facts.md), and notes what is odd. None runs, fetches or writes anything.
 *
 * Concurrency: as the tree, one thread at a time.
 * Memory: the tree's arena; children that stand in their parent as they are, are borrowed.
 * Limits: those of the tree; every unpacked byte is asked for by dissect_inflate(). Directories,
 * chains and object tables have named maxima of their own and never make a loop.
 * Errors: HN_NOMEM; everything else is a note. An object that is not of the format at all is noted
 * as damaged. */
#ifndef HN_CONTAINER_CONTAINER_H
#define HN_CONTAINER_CONTAINER_H

#include "dissect/dissect.h"

/* Zip (also behind other bytes), with all passwords of the tree and "infected". */
dissect_opener container_open_zip;
/* 7z, rar, cab, tar, cpio, lha, ar, and streams of gzip, bzip2, xz, zstd, lzma, compress, lz4. */
dissect_opener container_open_archive;
/* ISO 9660 with Joliet, UDF (ECMA-167 with plain and metadata partitions), both where an image has
 * both. */
dissect_opener container_open_iso;
/* VHD and VHDX (with its log), and raw images: MBR or GPT, FAT12/16/32, exFAT, NTFS (compressed
 * files too). */
dissect_opener container_open_disk;
/* [MS-SHLLINK]; and Internet shortcuts (.url, .website), themes, .scf and desktop.ini. */
dissect_opener container_open_lnk;
dissect_opener container_open_url;
/* .customDestinations-ms; .library-ms, .search-ms, .searchConnector-ms, .SettingContent-ms. */
dissect_opener container_open_jump_list;
dissect_opener container_open_shell_xml;
/* Remote desktop, web queries, registry and set-up files: what they connect to, fetch, write, run.
 */
dissect_opener container_open_rdp;
dissect_opener container_open_iqy;
dissect_opener container_open_reg;
dissect_opener container_open_inf;
/* XML without an opener of its own, consoles (.msc) too: addresses, scripts, commands. Plain text:
 * what is written in it. */
dissect_opener container_open_xml;
dissect_opener container_open_text;
/* [MS-ONESTORE]: embedded files with their names. */
dissect_opener container_open_onenote;
/* ISO 32000-1, as damaged as readers accept it. */
dissect_opener container_open_pdf;
/* Scripts, links, forms, and what smuggling pages would save. */
dissect_opener container_open_html;
/* Compiled help: its pages and files. */
dissect_opener container_open_chm;
/* Windows Installer: streams, custom actions, cabinets. */
dissect_opener container_open_msi;
/* Archives behind a picture. */
dissect_opener container_open_picture;
/* Archives behind a program (called for PE objects besides src/program). */
dissect_opener container_open_sfx;

/* Bytes at the end of data that are one value repeated, beyond the first 4 MiB of them: what may be
 * left out of a file that was filled up to be too large for scanners. 0: none. */
size_t container_padding(struct hn_bytes data);

#endif
