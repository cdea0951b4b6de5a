/* fuzz: container */
/* fuzz_vhd.c - disk images and discs: the oracle of container_fuzz.h. The first byte chooses
 * between disks (VHD, VHDX, partitions, FAT, NTFS) and discs (ISO 9660, UDF), whose first 32 KiB,
 * which nobody reads, are put before the rest. */
#include "container_fuzz.h"

#define SYSTEM_AREA 32768u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *disc;

    if (size < 1 || data[0] % 2 == 0) {
        container_fuzz(container_open_disk, DISSECT_VHD, data + (size > 0), size - (size > 0));
        return 0;
    }
    disc = calloc(1, SYSTEM_AREA + size);
    if (disc == NULL)
        abort();
    memcpy(disc + SYSTEM_AREA, data + 1, size - 1);
    container_fuzz(container_open_iso, DISSECT_ISO, disc, SYSTEM_AREA + size - 1);
    free(disc);
    return 0;
}
