package campaign

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

const presencePrefix = "modelbench-campaign-"

// presence is a file that says that a campaign runs on this machine. It is locked for as
// long as that is so, and the kernel lets go of the lock however the campaign ends: a file
// whose lock is free is a dead campaign's.
//
// Nobody is kept from measuring: campaigns that run side by side have wider intervals, and
// each of them says so.
type presence struct {
	dir, path string
	lock      *flock.Flock
}

// announce makes a file in dir (empty: the system's folder for temporary files) that says
// who we are in one line.
func announce(dir, who string) (*presence, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	err := errTaken
	for range workTries {
		var f *os.File
		if f, err = os.CreateTemp(dir, presencePrefix); err != nil {
			break
		}
		_, err = fmt.Fprintln(f, who)
		err = errors.Join(err, f.Close())
		lock := flock.New(f.Name(), flock.SetFlag(os.O_RDWR))
		held := false
		if err == nil {
			held, err = lock.TryLock()
		}
		// Another campaign's look around may have come before the lock, and taken the file away.
		if held && exists(f.Name()) {
			return &presence{dir, f.Name(), lock}, nil
		}
		_ = os.Remove(f.Name())
		_ = lock.Close()
	}
	return nil, fmt.Errorf("say that a campaign runs here: %w", err)
}

// others lists who else is there. Files of the dead are removed on the way. A nil presence
// sees nobody.
func (p *presence) others() []string {
	if p == nil {
		return nil
	}
	var list []string
	files, _ := filepath.Glob(filepath.Join(p.dir, presencePrefix+"*")) // fails for a bad pattern alone
	for _, path := range files {
		if path == p.path {
			continue
		}
		lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
		held, err := lock.TryLock()
		switch {
		case err != nil: // gone meanwhile, or another user's and hidden from us
		case held:
			_ = os.Remove(path)
		default:
			list = append(list, firstLine(path))
		}
		_ = lock.Close()
	}
	return list
}

func (p *presence) leave() {
	if p == nil {
		return
	}
	_ = os.Remove(p.path)
	_ = p.lock.Close()
}
