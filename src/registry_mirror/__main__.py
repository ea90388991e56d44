from registry_mirror.cli import main

main()
