/* dissect_wire.h - what the writer and the reader of saved trees agree on. */
#ifndef HN_DISSECT_DISSECT_WIRE_H
#define HN_DISSECT_DISSECT_WIRE_H

#define WIRE_MAGIC    "HNtree1\n"
#define WIRE_NAME_MAX 96 /* of what is static where it is written */

/* Where the bytes of an object are. */
enum wire_bytes {
    WIRE_BYTES_NONE,
    WIRE_BYTES_SAMPLE, /* of object 0 alone: so many from the start of the sample */
    WIRE_BYTES_PART,   /* of its parent's */
    WIRE_BYTES_HERE
};

#endif
