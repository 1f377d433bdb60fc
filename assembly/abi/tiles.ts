// Counts the tiles of channel planes that hold an element other than zero: ZERO_TILE elements each, from the first of a plane on, halo and
// gaps included. Counting ends once there are more than LIMIT.
export const TILES_X = 16; //       address of the first plane
export const TILES_LIVE = 20; //    address of a u32: their number
export const TILES_PLANES = 24; //  of an image
export const TILES_PLANE = 28; //   bytes between planes
export const TILES_ELEMENTS = 32; // of a plane; rounded up to a multiple of 4
export const TILES_IMAGES = 36;
export const TILES_IMAGE = 40; //   bytes between images
export const TILES_LIMIT = 44;
export const TILES_ZERO = 48; //    f32: x counts as zero if |x| <= this
export const TILES_SIZE = 52;

/** Elements of a tile. */
export const ZERO_TILE = 32;
