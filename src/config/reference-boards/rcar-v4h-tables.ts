/**
 * The tables that the reference EL3 firmware for Renesas R-Car V4H (r8a779g0) is built with: public facts, in a compact form.
 * `id` counts from 0 in each table.
 */
export interface NamedClock {
  readonly id: number;
  readonly name: string;
  /** Hz */
  readonly rate: number;
}

export interface ModuleClock extends NamedClock {
  /** Register × 100 + bit in the clock controller: what R-Car documents call the module. */
  readonly module: number;
}

export const CORE_CLOCK_COUNT = 85;

/** The core clocks in use: each is a fixed fraction of an internal source. */
export const CORE_CLOCKS: readonly NamedClock[] = items(`
  5 c_zt 533333333, 9 c_s0d1_vio 800000000, 10 c_s0d2_vio 400000000, 11 c_s0d4_vio 200000000,
  13 c_s0d1_vc 800000000, 14 c_s0d2_vc 400000000, 15 c_s0d4_vc 200000000, 16 c_s0d1_hsc 800000000,
  17 c_s0d2_hsc 400000000, 18 c_s0d4_hsc 200000000, 19 c_s0d8_hsc 100000000, 20 c_svd1_vip 640000000,
  21 c_svd2_vip 320000000, 22 c_svd1_ir 640000000, 23 c_svd2_ir 320000000, 24 c_s0d2 400000000,
  25 c_s0d3 266666666, 26 c_s0d4 200000000, 27 c_s0d2_rt 400000000, 28 c_s0d3_rt 266666666,
  29 c_s0d4_rt 200000000, 30 c_s0d6_rt 133333333, 31 c_s0d24_rt 33333333, 32 c_s0d2_per 400000000,
  33 c_s0d3_per 266666666, 34 c_s0d4_per 200000000, 35 c_s0d6_per 133333333, 37 c_s0d24_per 33333333,
  38 c_s0d2_mm 400000000, 39 c_s0d4_mm 200000000, 40 c_s0d2_cc 400000000, 41 c_s0d2_u3dg 400000000,
  42 c_s0d4_u3dg 200000000, 43 c_cl16m_hsc 16666666, 44 c_cl16m 16666666, 45 c_cl16m_rt 16666666,
  46 c_cl16m_per 16666666, 47 c_cl16m_mm 16666666, 49 c_sd0 200000000, 50 c_.rpc 80000000, 51 c_rpcd2 40000000,
  52 c_mso 12500000, 53 c_canfd 80000000, 54 c_csi 25000000, 57 c_post 66666666, 58 c_post2 133333333,
  59 c_post3 66666666, 60 c_post4 66666666, 61 c_sasyncper 266666666, 62 c_sasyncperd1 266666666,
  63 c_sasyncperd2 133333333, 64 c_sasyncperd4 66666666, 65 c_sasyncrt 16666666, 68 c_viobus 1600000000,
  69 c_viobusd2 800000000, 70 c_vcbus 533333333, 71 c_vcbusd2 266666666, 72 c_dsiext 800000000,
  73 c_dsiref 16666666, 75 c_osc 130208, 79 c_zg 600000000, 80 c_cpex 8333333, 82 c_cbfusa 8333333,
  84 c_r 32768
`).map(([id = "", name = "", rate = ""]) => ({ id: Number(id), name, rate: Number(rate) }));

/** The gates behind the core clocks, by name, module and parent. Their ids follow those of the core clocks without a gap. */
export const MODULE_CLOCKS: readonly ModuleClock[] = items(`
  m_rgx 0 c_zg, m_smpo0 5 c_svd1_vip, m_smps0 7 c_svd1_vip, m_umfl0 9 c_svd1_vip, m_isp0 16 c_s0d1_vio,
  m_isp1 17 c_s0d1_vio, m_impcnn 22 c_s0d6_per, m_spmc 23 c_s0d6_per, m_imp0 24 c_s0d6_per,
  m_imp1 25 c_s0d6_per, m_impdmac0 26 c_svd1_ir, m_imppsc 27 c_svd1_ir, m_imp2 103 c_s0d3, m_imp3 104 c_s0d3,
  m_impdmac1 105 c_s0d3, m_impdta 116 c_s0d3, m_impslv 118 c_s0d6_per, m_spmi 120 c_s0d6_per,
  m_advfs 123 c_s0d6_per, m_avb0 211 c_s0d8_hsc, m_avb1 212 c_s0d8_hsc, m_avb2 213 c_s0d8_hsc,
  m_can-fd 328 c_canfd, m_csitop0 331 c_csi, m_csitop1 400 c_csi, m_dis0 411 c_s0d3, m_doc2ch 414 c_s0d3,
  m_dsitxlink0 415 c_dsiref, m_dsitxlink1 416 c_dsiref, m_fcpcs 507 c_s0d3, m_fcpvd0 508 c_s0d3,
  m_fcpvd1 509 c_s0d3, m_hscif0 514 c_sasyncperd1, m_hscif1 515 c_sasyncperd1, m_hscif2 516 c_sasyncperd1,
  m_hscif3 517 c_sasyncperd1, m_i2c0 518 c_s0d6_per, m_i2c1 519 c_s0d6_per, m_i2c2 520 c_s0d6_per,
  m_i2c3 521 c_s0d6_per, m_i2c4 522 c_s0d6_per, m_i2c5 523 c_s0d6_per, m_imr0 525 c_s0d6_per,
  m_imr1 526 c_s0d6_per, m_imr2 527 c_s0d6_per, m_ims0 529 c_s0d6_per, m_ims1 530 c_s0d6_per,
  m_ispcs0 612 c_s0d2_vio, m_ispcs1 613 c_s0d2_vio, m_ivcp1e 616 c_vcbus, m_msi0 618 c_mso, m_msi1 619 c_mso,
  m_msi2 620 c_mso, m_msi3 621 c_mso, m_msi4 622 c_mso, m_msi5 623 c_mso, m_pcie0 624 c_s0d2,
  m_pcie1 625 c_s0d2, m_pwm 628 c_sasyncperd4, m_rpc 629 c_rpcd2, m_rtdm0 630 c_s0d4_rt, m_rtdm1 631 c_s0d4_rt,
  m_rtdm2 700 c_s0d4_rt, m_rtdm3 701 c_s0d4_rt, m_scif0 702 c_sasyncperd4, m_scif1 703 c_sasyncperd4,
  m_scif3 704 c_sasyncperd4, m_scif4 705 c_sasyncperd4, m_sdhi0 706 c_sd0, m_sydm1 709 c_s0d6_per,
  m_sydm2 710 c_s0d6_per, m_tmu0 713 c_sasyncrt, m_tmu1 714 c_sasyncperd2, m_tmu2 715 c_sasyncperd2,
  m_tmu3 716 c_sasyncperd2, m_tmu4 717 c_sasyncperd2, m_tpu 718 c_sasyncperd4, m_caiplite_wrp0 720 c_s0d2,
  m_caiplite0 721 c_s0d1_vio, m_caiplite1 722 c_s0d1_vio, m_caiplite2 723 c_s0d1_vio,
  m_caiplite3 724 c_s0d1_vio, m_caiplite4 725 c_s0d1_vio, m_caiplite5 726 c_s0d1_vio,
  m_caiplite6 727 c_s0d1_vio, m_caiplite7 728 c_s0d1_vio, m_vcp4l 729 c_s0d6_rt, m_vin0 730 c_s0d1_vio,
  m_vin1 731 c_s0d1_vio, m_vin2 800 c_s0d1_vio, m_vin3 801 c_s0d1_vio, m_vin4 802 c_s0d1_vio,
  m_vin5 803 c_s0d1_vio, m_vin6 804 c_s0d1_vio, m_vin7 805 c_s0d1_vio, m_vin10 806 c_s0d1_vio,
  m_vin11 807 c_s0d1_vio, m_vin12 808 c_s0d1_vio, m_vin13 809 c_s0d1_vio, m_vin14 810 c_s0d1_vio,
  m_vin15 811 c_s0d1_vio, m_vin16 812 c_s0d1_vio, m_vin17 813 c_s0d1_vio, m_vspd0 830 c_s0d1_vio,
  m_vspd1 831 c_s0d1_vio, m_wcrc0 903 c_s0d2_rt, m_wcrc1 904 c_s0d2_rt, m_wcrc2 905 c_s0d2_rt,
  m_wcrc3 906 c_s0d2_rt, m_wdt1:wdt0 907 c_r, m_cmt0 910 c_r, m_cmt1 911 c_r, m_cmt2 912 c_r, m_cmt3 913 c_r,
  m_pfc0 915 c_cl16m, m_pfc1 916 c_cl16m, m_pfc2 917 c_cl16m, m_pfc3 918 c_cl16m, m_thermal 919 c_cl16m,
  m_vspx0 1028 c_s0d1_vio, m_vspx1 1029 c_s0d1_vio, m_fcpvx0 1100 c_s0d2_vc, m_fcpvx1 1101 c_s0d2_vc,
  m_cve0 2706 c_svd1_ir, m_cve1 2707 c_svd1_ir, m_cve2 2708 c_svd1_ir, m_cve3 2709 c_svd1_ir,
  m_impsdmac0 2712 c_svd1_vip, m_impsdmac1 2713 c_svd1_vip, m_tsn 2723 c_s0d8_hsc, m_vdsp0_bus 2801 c_svd1_ir,
  m_vdsp1_bus 2802 c_svd1_ir, m_vdsp2_bus 2803 c_svd1_ir, m_vdsp3_bus 2804 c_svd1_ir, m_paptop 2806 c_s0d6_per,
  m_papsdma 2807 c_s0d6_per, m_dsc 2819 c_viobusd2, m_vdsp0_csb 2821 c_svd1_ir, m_vdsp1_csb 2830 c_svd1_ir,
  m_vdsp2_csb 2907 c_svd1_ir, m_vdsp3_csb 2916 c_svd1_ir, m_ssiu 2926 c_s0d6_per, m_ssi 2927 c_s0d6_per,
  m_adg 122 c_s0d6_per
`).map(([name = "", module = "", parent = ""], index) => ({
  id: CORE_CLOCK_COUNT + index,
  name,
  module: Number(module),
  rate: coreRate(parent),
}));

/** The module of each reset line; the line's id is its index. */
export const RESET_MODULES: readonly number[] = items(`
  0, 5, 7, 9, 16, 17, 22, 23, 24, 25, 26, 27, 103, 104, 105, 116, 118, 120, 123, 211, 212, 213, 328, 331, 400,
  411, 414, 415, 416, 507, 508, 509, 514, 515, 516, 517, 518, 519, 520, 521, 522, 523, 525, 526, 527, 529, 530,
  612, 613, 616, 618, 619, 620, 621, 622, 623, 624, 625, 628, 629, 630, 631, 700, 701, 702, 703, 704, 705, 706,
  709, 710, 713, 714, 715, 716, 717, 718, 720, 721, 722, 723, 724, 725, 726, 727, 728, 729, 730, 731, 800, 801,
  802, 803, 804, 805, 806, 807, 808, 809, 810, 811, 812, 813, 830, 831, 903, 904, 905, 906, 907, 910, 911, 912,
  913, 915, 916, 917, 918, 919, 1028, 1029, 1100, 1101, 2706, 2707, 2708, 2709, 2712, 2713, 2723, 2806, 2807,
  2819, 2821, 2822, 2823, 2824, 2825, 2826, 2827, 2828, 2830, 2831, 2900, 2901, 2902, 2903, 2904, 2905, 2907,
  2908, 2909, 2910, 2911, 2912, 2913, 2914, 2916, 2917, 2918, 2919, 2920, 2921, 2922, 2923, 2926, 2927
`).map(([module = ""]) => Number(module));

export const POWER_DOMAIN_COUNT = 65;

/** The power domains in use: id, name and, where it has one, the id of its parent. */
export const POWER_DOMAINS: readonly {
  readonly id: number;
  readonly name: string;
  readonly parent: number | null;
}[] = items(`
  0 a1e0d0c0 16, 1 a1e0d0c1 16, 2 a1e0d1c0 17, 3 a1e0d1c1 17, 16 a2e0d0 20, 17 a2e0d1 20, 20 a3e0,
  24 3dg-a, 25 3dg-b 24,
  33 a1dsp0 42, 34 a2imp01 43, 35 a2psc 43, 36 a2cv0 43, 37 a2cv1 43, 41 a1cnn0 42, 42 a2cn0 43, 43 a3ir,
  45 a1dsp1 42, 46 a2imp23 43, 47 a2dma 43, 48 a2cv2 43, 49 a2cv3 43, 53 a1dsp2 42, 54 a1dsp3 42,
  56 a3vip0, 57 a3vip1, 58 a3vip2, 60 a3isp0, 61 a3isp1, 62 a3dul, 64 always-on
`).map(([id = "", name = "", parent]) => ({
  id: Number(id),
  name,
  parent: parent === undefined ? null : Number(parent),
}));

/** CPU, SCU and control-less domains: never off. */
export const ALWAYS_ON_DOMAINS: readonly number[] = [0, 1, 2, 3, 16, 17, 20, 64];

/** Domains that the firmware powers at boot and then keeps: a1cnn0, a2cn0 and a3ir. */
export const FORCED_ON_DOMAINS: readonly number[] = [41, 42, 43];

/** Module clocks that run when Xen starts: the console, and the network port that the boot loader used. */
export const RUNNING_AT_BOOT: readonly string[] = ["m_hscif0", "m_avb0"];

function coreRate(name: string): number {
  const clock = CORE_CLOCKS.find((core) => core.name === name);
  if (clock === undefined) throw new Error(`no core clock ${name}`);
  return clock.rate;
}

/** The comma-separated items of a table, each split into its words. */
function items(table: string): string[][] {
  return table.split(",").map((item) => item.trim().split(/\s+/));
}
