package engine

// A credit is leave to send one request on a connection, since a moment.
type credit struct {
	slot, gen int32
	since     int64
}

// A freeList holds the credits of a share, the oldest first: one for each place in the
// pipeline of each connection that is up and not taken, or for each vacant slot.
//
// The credits of a connection that is gone are not looked for, which would take a pass
// over the list for each of thousands of connections that break together. They are only
// counted out, and left behind when they come to the front: a credit is good if its
// connection has any, and is of the generation that the credit was given to.
type freeList struct {
	conns []conn
	ring  []credit
	first int
	held  int // places of the ring in use
	good  int // credits that are good
}

// init makes room for size good credits, and as many that are not: the list is cleared
// of these when it is full, so at most once in size credits.
func (f *freeList) init(conns []conn, size int) { f.conns, f.ring = conns, make([]credit, 2*size) }

// len returns how many requests may leave.
func (f *freeList) len() int { return f.good }

// push gives c one more credit.
func (f *freeList) push(c *conn, now int64) {
	if f.held == len(f.ring) {
		f.clear()
	}
	c.credits++
	f.good++
	f.put(credit{c.slot, c.gen, now})
}

// pop takes the oldest credit; there must be one.
func (f *freeList) pop() (c *conn, since int64) {
	for {
		k := f.take()
		if f.isGood(k) {
			c = &f.conns[k.slot]
			c.credits--
			f.good--
			return c, k.since
		}
	}
}

// forget takes away all credits of c, which is gone.
func (f *freeList) forget(c *conn) {
	f.good -= int(c.credits)
	c.credits = 0
}

func (f *freeList) isGood(k credit) bool {
	c := &f.conns[k.slot]
	return c.credits > 0 && c.gen == k.gen
}

// clear removes what is not good, keeping the order.
func (f *freeList) clear() {
	for range f.held {
		if k := f.take(); f.isGood(k) {
			f.put(k)
		}
	}
}

func (f *freeList) put(k credit) {
	i := f.first + f.held
	if i >= len(f.ring) {
		i -= len(f.ring)
	}
	f.ring[i] = k
	f.held++
}

func (f *freeList) take() credit {
	k := f.ring[f.first]
	if f.first++; f.first == len(f.ring) {
		f.first = 0
	}
	f.held--
	return k
}
