package renew

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// word is what keeper and window say to each other: one byte a message, with a file where one is handed on.
type word byte

const (
	wordGo    word = 'g' // to a window: the one before has ended
	wordDone  word = 'd' // to a window: the next stands, end
	wordFail  word = 'f' // to a window: there is no next, go on
	wordEnd   word = 'e' // to a window: end
	wordShown word = 's' // of a window: its page stands
	wordRenew word = 'r' // of a window: with what is left
)

// message is a word, and the file that came with it; nil for none.
type message struct {
	word word
	file *os.File
}

// talk is one end of the socket between keeper and window.
type talk struct{ conn *net.UnixConn }

// newTalk makes a socket: one end for this process, the other for a child.
func newTalk() (talk, *os.File, error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return talk{}, nil, os.NewSyscallError("socketpair", err)
	}
	theirs := os.NewFile(uintptr(ends[1]), "hand")
	ours, err := talkOn(os.NewFile(uintptr(ends[0]), "hand"))
	if err != nil {
		_ = theirs.Close()
		return talk{}, nil, err
	}
	return ours, theirs, nil
}

// talkOn takes a socket over.
func talkOn(f *os.File) (talk, error) {
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return talk{}, err
	}
	conn, ok := c.(*net.UnixConn)
	if !ok {
		_ = c.Close()
		return talk{}, fmt.Errorf("descriptor %d is no keeper's socket", f.Fd())
	}
	return talk{conn}, nil
}

func (t talk) say(w word, files ...*os.File) error {
	var rights []byte
	for _, f := range files {
		rights = unix.UnixRights(int(f.Fd()))
	}
	_, _, err := t.conn.WriteMsgUnix([]byte{byte(w)}, rights, nil)
	return err
}

// hear waits for the next word. An error says that the other end is gone.
func (t talk) hear() (message, error) {
	b, rights := make([]byte, 1), make([]byte, unix.CmsgSpace(4))
	n, of, _, _, err := t.conn.ReadMsgUnix(b, rights)
	if err != nil {
		return message{}, err
	}
	if n == 0 { // a socket of packets says so that it has ended
		return message{}, net.ErrClosed
	}
	m := message{word: word(b[0])}
	list, err := unix.ParseSocketControlMessage(rights[:of])
	if err != nil || len(list) == 0 {
		return m, err
	}
	fds, err := unix.ParseUnixRights(&list[0])
	if err != nil || len(fds) != 1 {
		return m, err
	}
	m.file = os.NewFile(uintptr(fds[0]), "rest")
	return m, nil
}

func (t talk) close() { _ = t.conn.Close() }
