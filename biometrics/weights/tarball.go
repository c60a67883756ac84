package weights

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxTarball bounds what is unpacked of one npm package while the wanted files are looked for.
const maxTarball = 1 << 30

// extract writes the wanted files of an npm package into dir, under their own names. Names in the package are only compared, never used as
// paths, and no file is written longer than it is pinned to be.
func extract(tarball, dir string, want []File) error {
	in, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer in.Close()
	plain, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	defer plain.Close()
	wanted := map[string]File{}
	for _, f := range want {
		if f.Npm != "" {
			wanted["package/"+f.Npm] = f
		}
	}
	r := tar.NewReader(io.LimitReader(plain, maxTarball))
	for len(wanted) > 0 {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("unpack: %w", err)
		}
		f, ok := wanted[h.Name]
		if !ok || h.Typeflag != tar.TypeReg {
			continue
		}
		delete(wanted, h.Name)
		if err := writeFile(filepath.Join(dir, f.Name), io.LimitReader(r, f.Size+1)); err != nil {
			return fmt.Errorf("unpack %s: %w", f.Name, err)
		}
	}
	return nil
}

func writeFile(path string, in io.Reader) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
