package campaign

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// roomNeeded is more than loadgen's files of a rotation and the manifest's draft take.
const roomNeeded = 128 << 10

// errLost marks a block in which loadgen failed although no server did: nothing was measured
// of any target, so that the block is not whole. Another may be.
var errLost = errors.New("loadgen failed, which is no server's fault")

// lost says what to make of a loadgen that measured nothing, or not all. A full disk ends the campaign: each further rotation
// would fail in the same way. What loadgen says of it is words; whether there is room is seen by writing.
func (r *runner) lost(where string, cause error, serverEnded bool) error {
	if noRoom := probeRoom(r.cfg.Out); full(noRoom) {
		return fmt.Errorf("%s: no room in %s for what loadgen measures: %w", where, r.cfg.Out, noRoom)
	}
	r.fail("%s: %v", where, cause)
	if serverEnded {
		return nil
	}
	return errLost
}

// probeRoom writes to a file of its own in the folder, which it removes.
func probeRoom(folder string) error {
	f, err := os.CreateTemp(folder, "room-")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, roomNeeded))
	if err == nil {
		err = f.Sync() // some file systems find out late
	}
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// tryBlock runs one block. Of one that loadgen's failure has cost the campaign goes on with
// the next; when that happens twice in a row there is no point in it any more.
func (r *runner) tryBlock(ctx context.Context, block int, rotations []Rotation) error {
	err := r.block(ctx, block, rotations)
	if !errors.Is(err, errLost) {
		r.lostInRow = 0
		return err
	}
	r.lostBlocks++
	if r.lostInRow++; r.lostInRow > 1 {
		return fmt.Errorf("blocks %d and %d are lost: %w", block-1, block, err)
	}
	if block < r.blocks {
		r.note("block %d is left out", block)
	}
	return nil
}
