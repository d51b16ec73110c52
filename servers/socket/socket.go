// Package socket sends and receives on sockets that do not block, as cheaply as a
// system allows.
//
// On 64-bit Linux that is by send and recv, where write and read would come to the socket
// through the layer for files, and without telling Go's scheduler, which would get
// ready for a call that takes long: these return at once or have done their work.
// Together it is 3% of what a small request costs. Elsewhere it is write and read.
package socket
